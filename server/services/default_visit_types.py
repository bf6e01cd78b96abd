"""The six kinds of visit a clinic begins with. They are the clinic's own from then on: it edits every word of them."""

from datetime import timedelta

from scheduling import visit_types as codes
from server.care.visit_kinds import Kind

HOUR, DAY = timedelta(hours=1), timedelta(days=1)

INTAKE = Kind(
    code=codes.INTAKE,
    name="First visit",
    name_es="Primera visita",
    length=timedelta(minutes=60),
    buffer_after=timedelta(minutes=15),
    cut_off=DAY,
    public=True,
    preparation="Have a list of what you take and your medical papers at hand.",
    preparation_es="Tenga a mano una lista de lo que toma y sus documentos médicos.",
)
CHECK_IN = Kind(
    code=codes.CHECK_IN,
    name="Check-in",
    name_es="Seguimiento",
    length=timedelta(minutes=30),
    buffer_after=timedelta(minutes=10),
    cut_off=12 * HOUR,
    preparation="Find a quiet place where nobody overhears you.",
    preparation_es="Busque un lugar tranquilo donde nadie le oiga.",
)
POST_SESSION_REVIEW = Kind(
    code=codes.POST_SESSION_REVIEW,
    name="Review after a session",
    name_es="Revisión después de una sesión",
    length=timedelta(minutes=30),
    buffer_after=timedelta(minutes=10),
    cut_off=12 * HOUR,
    preparation="Fill in your journal before the visit if you can. Have the tablets that are left beside you.",
    preparation_es="Si puede, complete su diario antes de la visita. Tenga a su lado los comprimidos que le quedan.",
)
REFILL_REVIEW = Kind(
    code=codes.REFILL_REVIEW,
    name="Refill review",
    name_es="Revisión de la receta",
    length=timedelta(minutes=20),
    buffer_after=timedelta(minutes=10),
    cut_off=12 * HOUR,
    preparation="Have the tablets that are left and the lockbox beside you: we count them together on camera.",
    preparation_es="Tenga a su lado los comprimidos que le quedan y la caja con llave: los contamos juntos por video.",
)
AD_HOC = Kind(
    code=codes.AD_HOC,
    name="Extra visit",
    name_es="Visita adicional",
    length=timedelta(minutes=20),
    buffer_after=timedelta(minutes=10),
    preparation="Find a quiet place where nobody overhears you.",
    preparation_es="Busque un lugar tranquilo donde nadie le oiga.",
)
TEST_CALL = Kind(
    code=codes.TEST_CALL,
    name="Test call",
    name_es="Llamada de prueba",
    length=timedelta(minutes=10),
    preparation="Use the phone or computer you will use for your visits. Nothing about your health is discussed.",
    preparation_es="Use el teléfono o la computadora que usará en sus visitas. No se habla de su salud.",
)
DEFAULT_VISIT_TYPES = (INTAKE, CHECK_IN, POST_SESSION_REVIEW, REFILL_REVIEW, AD_HOC, TEST_CALL)
