package lint

// SourceCategory is that of the rules about sources on a chain, whose texts are in
// policies/source. Package source applies them; who lints files alone has to know
// which these are.
const SourceCategory = "source"

// RuleUnreadable always applies: what cannot be read cannot be judged.
const RuleUnreadable = SourceCategory + "/unreadable"
