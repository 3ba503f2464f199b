// Made from the Rust types by `ZHIJIAN_ACCEPT=1 cargo test`; not to be edited by hand.
// Absent values are omitted, never null; words for people come in Chinese and in English.

export type Bilingual = {
  zh: string,
  en: string,
};

export type Level = "error" | "warning" | "info";

export type Diagnostic = {
  code: string,
  severity: Level,
  file?: string,
  line?: number,
  column?: number,
  field?: string,
  message: Bilingual,
};

export type Range = {
  start: number,
  end: number,
};

export type Severity = "hint" | "minor" | "major" | "critical";

export type Review = "pending" | "confirmed" | "rejected";

export type Measured = {
  seconds?: number,
  limit?: number,
  from_first?: number,
  from_last?: number,
  count?: number,
  required?: number,
};

export type Also = {
  rule: string,
  clauses: Array<string>,
  severity: Severity,
};

export type Finding = {
  rule: string,
  clauses: Array<string>,
  kind: string,
  severity: Severity,
  dimension: string,
  agent: string,
  message?: number,
  related: Array<number>,
  span?: Range,
  quote?: string,
  points: number,
  review?: Review,
  measured?: Measured,
  why: Array<Bilingual>,
  also: Array<Also>,
  advice?: Bilingual,
};

export type Observation = {
  kind: string,
  message: number,
  related?: Array<number>,
  span?: Range,
  agent?: string,
  label?: string,
  measured?: Measured,
};

export type NotAssessed = {
  rule: string,
  dimension: string,
  agent?: string,
  reason: Bilingual,
};

export type State = "assessed" | "not-applicable" | "not-assessed";

export type DimensionScore = {
  id: string,
  weight: number,
  deducted: number,
  state: State,
};

export type Score = {
  agent: string,
  total?: number,
  total_if_confirmed?: number,
  coverage: number,
  band?: string,
  dimensions: Array<DimensionScore>,
};

export type Conversation = {
  id: string,
  file: string,
  messages: number,
  agents: Array<string>,
  findings: Array<Finding>,
  observations: Array<Observation>,
  not_assessed: Array<NotAssessed>,
  scores: Array<Score>,
};

export type MeanScore = {
  mean: number,
  low?: number,
  high?: number,
};

export type Metric = {
  value?: number,
  count: number,
};

export type Agent = {
  agent: string,
  group?: string,
  conversations: number,
  assessed: number,
  score?: MeanScore,
  score_if_confirmed?: number,
  band?: string,
  critical: number,
  critical_share: number,
  metrics: { [key in string]: Metric },
  by_rule: { [key in string]: number },
  findings: Array<Finding>,
  not_assessed: Array<NotAssessed>,
};

export type Excluded = {
  reason: string,
  count: number,
};

export type Accounting = {
  files: number,
  rows: number,
  messages: number,
  records?: number,
  conversations: number,
  excluded: Array<Excluded>,
};

export type Origin = "seed" | "ours";

export type Dimension = {
  id: string,
  title: Bilingual,
  weight: number,
  source: Origin,
};

export type Band = {
  id: string,
  title: Bilingual,
  from: number,
};

export type RuleHead = {
  id: string,
  title: Bilingual,
  clauses: Array<string>,
  source: Origin,
  ours: Array<string>,
};

export type ClauseHead = {
  id: string,
  title: Bilingual,
};

export type StandardHead = {
  id: string,
  version: string,
  sha256: string,
  dimensions: Array<Dimension>,
  bands: Array<Band>,
  rules: Array<RuleHead>,
  clauses: Array<ClauseHead>,
};

export type Report = {
  schema: string,
  engine: string,
  offsets: string,
  standard: StandardHead,
  accounting: Accounting,
  conversations: Array<Conversation>,
  agents: Array<Agent>,
  diagnostics: Array<Diagnostic>,
};
