// How packets leave this page, for whoever wonders at the clinic: PROTOCOL.md, `way`.

/** From the statistics of one connection; null while they do not tell. */
export function wayOf(report) {
  const rows = [...report.values()];
  const chosen = rows.find(({ type, selectedCandidatePairId }) => type === "transport" && selectedCandidatePairId);
  // Firefox has no transport's row and marks the pair instead.
  const pair = report.get(chosen?.selectedCandidatePairId) ?? rows.find(({ type, selected }) => type === "candidate-pair" && selected);
  const local = report.get(pair?.localCandidateId);
  const by = local?.candidateType === "relay" ? `turn-${local.relayProtocol}` : local?.protocol;
  return ["udp", "tcp", "turn-udp", "turn-tcp", "turn-tls"].includes(by) ? by : null;
}
