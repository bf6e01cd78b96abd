"""The keys in use: the clinic's, and one per patient, each wrapped by the master key in the database."""

import secrets
from typing import TYPE_CHECKING

from sqlalchemy import select

from server.store import sealing
from server.store.sealing import MasterKey
from server.store.tables.keys import clinic_keys, patient_keys
from server.store.unusable import Unusable

if TYPE_CHECKING:
    from server.store.database import Tx

CLINIC = "clinic"
# Opened patient keys are kept for speed; a clinic's patients of a day fit many times over.
CACHED_PATIENTS = 2000


class OtherMasterKey(sealing.SealBroken, Unusable):
    """Another master key than the one the database was made with."""


class ClinicKeyBroken(sealing.SealBroken, Unusable):
    """The clinic's own key does not open, though the master key is the right one."""


class Keyring:
    """Wraps and unwraps; nothing here is ever written in the clear."""

    def __init__(self, master: MasterKey) -> None:
        self._master = master
        self._clinic: bytes | None = None
        self._patients: dict[str, bytes] = {}

    async def load_clinic_key(self, tx: "Tx") -> None:
        """The clinic's key from the database; made on the first start. Raises OtherMasterKey, ClinicKeyBroken."""
        row = await tx.one(select(clinic_keys.c.kid, clinic_keys.c.wrapped).where(clinic_keys.c.id == CLINIC))
        if row is not None:
            if row.kid != self._master.kid:
                raise OtherMasterKey(
                    f"the records were made with the master key {row.kid}, and the one in use is {self._master.kid}. "
                    "Put the right one's file in its place"
                )
            try:
                self._clinic = self._unwrap(row.wrapped, CLINIC)
            except sealing.SealBroken as problem:
                raise ClinicKeyBroken(
                    "the clinic's own key in the database does not open, though the master key is the right one: the "
                    "database was changed or damaged. Restore the last good backup"
                ) from problem
            return
        key = secrets.token_bytes(sealing.KEY_BYTES)
        await tx.run(
            clinic_keys.insert().values(id=CLINIC, kid=self._master.kid, wrapped=self._wrap(key, CLINIC))
        )
        self._clinic = key

    def key_for(self, purpose: str) -> bytes:
        """The clinic's key for one purpose: "link", "search", "audit", "csrf", "second-factor"."""
        if self._clinic is None:
            raise RuntimeError("the clinic's key is loaded when the database opens")
        return sealing.derived(self._clinic, purpose)

    async def create_patient_key(self, tx: "Tx", patient_id: str) -> None:
        key = secrets.token_bytes(sealing.KEY_BYTES)
        wrapped = self._wrap(key, patient_id)
        await tx.run(patient_keys.insert().values(id=patient_id, kid=self._master.kid, wrapped=wrapped))

    async def patient_key(self, tx: "Tx", patient_id: str) -> bytes:
        """Raises SealBroken when the patient has no key: there is nothing left to open."""
        if patient_id in self._patients:
            return self._patients[patient_id]
        row = await tx.one(select(patient_keys.c.wrapped).where(patient_keys.c.id == patient_id))
        if row is None:
            raise sealing.SealBroken("no key for this patient")
        if len(self._patients) >= CACHED_PATIENTS:
            self._patients.clear()
        key = self._patients[patient_id] = self._unwrap(row.wrapped, patient_id)
        return key

    def _wrap(self, key: bytes, owner: str) -> bytes:
        return sealing.seal_bytes(self._master.secret, key, self._where(owner))

    def _unwrap(self, wrapped: bytes, owner: str) -> bytes:
        return sealing.unseal_bytes(self._master.secret, wrapped, self._where(owner))

    @staticmethod
    def _where(owner: str) -> bytes:
        return sealing.place(table="keys", column="wrapped", row_id=owner, patient_id=owner)
