//! The keys of an option that plans are made from.

use super::super::{Link, LinkKind, PolicyImprovement};
use super::{Names, Parts};
use crate::finding::{Metric, OptionName};
use crate::policy::template::Template;
use crate::text::Bilingual;
use crate::written::similar;
use crate::written::yaml::line_of;
use saphyr::MarkedYaml;

const LINKS: &[(&str, LinkKind)] = &[
    ("requires", LinkKind::Requires),
    ("excludes", LinkKind::Excludes),
    ("resolves", LinkKind::Resolves),
    ("together_with", LinkKind::TogetherWith),
];

impl Parts<'_, '_, '_> {
    // Whether what is named exists is checked when all policies are there.
    pub(super) fn links(&mut self, entries: &[(String, &MarkedYaml<'_>)]) -> Vec<Link> {
        let mut links = Vec::new();
        for (key, kind) in LINKS {
            let Some((_, node)) = entries.iter().find(|(name, _)| name == key) else {
                continue;
            };
            for line in self.reader.texts(node, key) {
                let (policy, option) = match line.value.split_once('/') {
                    Some((policy, option)) => (policy, Some(option.to_owned())),
                    None => (line.value.as_str(), None),
                };
                let problem = match (kind, &option) {
                    (LinkKind::Resolves, Some(_)) => {
                        Some(format!("`resolves` names policies; write `{policy}`"))
                    }
                    (LinkKind::Excludes, None) if !policy.is_empty() => {
                        Some(format!("`excludes` names options; write `{policy}/` and the option's id"))
                    }
                    _ => None,
                };
                match problem {
                    Some(problem) => self.reader.problem(line.line, problem),
                    None => {
                        let to = OptionName { policy: policy.to_owned(), option };
                        links.push(Link { kind: *kind, to, line: line.line });
                    }
                }
            }
        }
        links
    }

    // An option that leaves the risk in place, only smaller, must say so: plans count it less.
    pub(super) fn is_partial(&mut self, node: &MarkedYaml<'_>) -> bool {
        let line = self.reader.text(node, "mends");
        if !["fully", "partly", ""].contains(&line.value.as_str()) {
            let message = format!("`mends: {}` is not understood; write fully or partly", line.value);
            self.reader.problem(line.line, message);
        }
        line.value == "partly"
    }

    pub(super) fn improvements(
        &mut self,
        node: Option<&MarkedYaml<'_>>,
        names: &Names,
    ) -> Vec<PolicyImprovement> {
        let items = node.map(|node| self.reader.list(node, "improves")).unwrap_or_default();
        items.iter().filter_map(|item| self.improvement(item, names)).collect()
    }

    fn improvement(&mut self, item: &MarkedYaml<'_>, names: &Names) -> Option<PolicyImprovement> {
        let entries = self.reader.mapping(item, "an improvement", &["metric", "before", "after"]);
        let get = |key: &str| entries.iter().find(|(name, _)| name == key).map(|(_, node)| *node);
        for needed in ["metric", "before", "after"] {
            if get(needed).is_none() && item.data.is_mapping() {
                self.reader.problem(line_of(item), format!("the improvement lacks `{needed}`"));
            }
        }
        let line = self.reader.text(get("metric")?, "metric");
        let metric = Metric::ALL.into_iter().find(|metric| metric.as_str() == line.value);
        if metric.is_none() && !line.value.is_empty() {
            let known = || Metric::ALL.into_iter().map(Metric::as_str);
            let hint = similar(&line.value, known());
            let hint = if hint.is_empty() {
                format!("; write one of {}", known().collect::<Vec<_>>().join(", "))
            } else {
                hint
            };
            self.reader.problem(line.line, format!("there is no metric `{}`{hint}", line.value));
        }
        let before = self.worded(get("before")?, "before", names);
        let after = self.worded(get("after")?, "after", names);
        Some(PolicyImprovement { metric: metric?, before, after })
    }

    // A value such as `TLS 1.2` reads the same in both languages.
    pub(super) fn worded(&mut self, node: &MarkedYaml<'_>, what: &str, names: &Names) -> Bilingual<Template> {
        if node.data.is_mapping() {
            return self.bilingual(node, what, names);
        }
        let line = self.reader.text(node, what);
        let template = self.template(what, &line, names);
        Bilingual { en: template.clone(), ja: template }
    }
}
