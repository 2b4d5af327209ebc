//! What options name of each other, checked when all policies are there.

use super::{Link, LinkKind, Policy};
use crate::finding::OptionName;
use crate::text::Text;
use crate::written::{Problem, similar};

/// Names of policies and options that do not exist, options that name themselves, and
/// circles of `requires`. `beside` are policies that these may name, too.
pub(super) fn problems(policies: &[Policy], beside: &[Policy]) -> Vec<Problem> {
    let everything = Everything { policies, beside };
    let mut problems = Vec::new();
    for policy in policies {
        for option in &policy.options {
            for link in &option.links {
                let own = OptionName { policy: policy.id.clone(), option: Some(option.id.clone()) };
                if let Some(message) = everything.problem(&own, link) {
                    problems.push(Problem {
                        file: policy.file.clone(),
                        line: link.line,
                        message: Text::same(message),
                    });
                }
            }
        }
    }
    // A circle is told once, where it begins in the order of ids.
    for policy in policies {
        if let Some((line, circle)) = everything.circle(policy) {
            let message =
                format!("`requires` is circular, so nothing could come first: {}", circle.join(" requires "));
            problems.push(Problem { file: policy.file.clone(), line, message: Text::same(message) });
        }
    }
    problems
}

struct Everything<'p> {
    policies: &'p [Policy],
    beside: &'p [Policy],
}

impl<'p> Everything<'p> {
    // An own policy may replace one of those beside it, which others may still name options of.
    fn all(&self, id: &str) -> impl Iterator<Item = &'p Policy> {
        self.policies.iter().chain(self.beside).filter(move |policy| policy.id == id)
    }

    fn problem(&self, own: &OptionName, link: &Link) -> Option<String> {
        let to = &link.to;
        if self.all(&to.policy).next().is_none() {
            let ids = self.policies.iter().chain(self.beside).map(|policy| policy.id.as_str());
            return Some(format!("there is no policy `{}`{}", to.policy, similar(&to.policy, ids)));
        }
        // The same option for several resources may be one piece of work.
        if to.policy == own.policy && link.kind != LinkKind::TogetherWith {
            return Some(match link.kind {
                LinkKind::Excludes => {
                    "the options of one policy exclude each other anyway; remove this".to_owned()
                }
                _ => format!("`{to}` is of this policy itself; name another one"),
            });
        }
        let option = to.option.as_ref()?;
        let options = || self.all(&to.policy).flat_map(|policy| &policy.options).map(|one| one.id.as_str());
        if options().any(|id| id == option) {
            return None;
        }
        let hint = similar(option, options());
        let hint = if hint.is_empty() {
            format!("; it has {}", options().collect::<Vec<_>>().join(", "))
        } else {
            hint
        };
        Some(format!("the policy `{}` has no option `{option}`{hint}", to.policy))
    }

    /// A circle through this policy of which it is the first by id, with the line it begins on.
    fn circle(&self, first: &'p Policy) -> Option<(usize, Vec<&'p str>)> {
        let begins = requirements(first).find_map(|link| {
            let mut path = vec![first.id.as_str()];
            self.leads_back(&link.to.policy, &first.id, &mut path).then_some((link.line, path))
        })?;
        begins.1.iter().all(|id| *id >= first.id.as_str()).then_some(begins)
    }

    fn leads_back(&self, from: &str, target: &str, path: &mut Vec<&'p str>) -> bool {
        let Some(policy) = self.all(from).next() else {
            return false;
        };
        if path.contains(&policy.id.as_str()) {
            if policy.id == target {
                path.push(&policy.id);
                return true;
            }
            return false;
        }
        path.push(&policy.id);
        if requirements(policy).any(|link| self.leads_back(&link.to.policy, target, path)) {
            return true;
        }
        path.pop();
        false
    }
}

fn requirements(policy: &Policy) -> impl Iterator<Item = &Link> {
    let links = policy.options.iter().flat_map(|option| &option.links);
    links.filter(|link| link.kind == LinkKind::Requires)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::file::tests::{edited, policy};

    /// A policy `id` with an option that says `lines`.
    fn linked(id: &str, lines: &str) -> Policy {
        let cost = "    monthly_cost: 0\n";
        let mut read = policy(&edited(&[(cost, &format!("{cost}    {lines}\n"))]));
        read.id = id.to_owned();
        read.file = format!("{id}.yaml");
        read
    }

    fn found(policies: &[Policy], beside: &[Policy]) -> Vec<(String, usize, String)> {
        let problems = problems(policies, beside).into_iter();
        problems.map(|problem| (problem.file, problem.line, problem.message.en)).collect()
    }

    fn problem(file: &str, message: &str) -> (String, usize, String) {
        (format!("{file}.yaml"), 16, message.to_owned())
    }

    #[test]
    fn links_name_policies_and_options_that_exist() {
        for (lines, message) in [
            ("requires: [other]", None),
            ("requires: [other/multi-az]", None),
            ("requires: [beside/multi-az]", None),
            ("together_with: [own/multi-az]", None),
            ("together_with: [own]", None),
            ("requires: [othr]", Some("there is no policy `othr`; did you mean `other`?")),
            ("requires: [besidee]", Some("there is no policy `besidee`; did you mean `beside`?")),
            ("resolves: [own]", Some("`own` is of this policy itself; name another one")),
            (
                "excludes: [own/multi-az]",
                Some("the options of one policy exclude each other anyway; remove this"),
            ),
            (
                "requires: [other/multi-a]",
                Some("the policy `other` has no option `multi-a`; did you mean `multi-az`?"),
            ),
            ("together_with: [own/x]", Some("the policy `own` has no option `x`; it has multi-az")),
            (
                "excludes: [beside/replicate]",
                Some("the policy `beside` has no option `replicate`; it has multi-az"),
            ),
        ] {
            let policies = [linked("other", "mends: fully"), linked("own", lines)];
            let expected: Vec<_> = message.into_iter().map(|message| problem("own", message)).collect();
            assert_eq!(found(&policies, &[linked("beside", "mends: fully")]), expected, "{lines}");
        }
    }

    #[test]
    fn circles_of_requirements_are_told_where_they_begin() {
        let circle = |file: &str, ids: &str| {
            problem(file, &format!("`requires` is circular, so nothing could come first: {ids}"))
        };
        let policies = |links: &[(&str, &str)]| -> Vec<Policy> {
            links.iter().map(|(id, lines)| linked(id, lines)).collect()
        };
        let line = policies(&[("a", "requires: [b, c]"), ("b", "requires: [c]"), ("c", "mends: fully")]);
        assert_eq!(found(&line, &[]), []);
        let other = policies(&[("a", "requires: [b]"), ("b", "together_with: [a]")]);
        assert_eq!(found(&other, &[]), [], "other links may go round");
        let two = policies(&[("a", "requires: [b]"), ("b", "requires: [a]")]);
        assert_eq!(found(&two, &[]), [circle("a", "a requires b requires a")]);
        let own = policies(&[("own", "requires: [own/multi-az]")]);
        assert_eq!(
            found(&own, &[]),
            [
                problem("own", "`own/multi-az` is of this policy itself; name another one"),
                circle("own", "own requires own"),
            ]
        );
        // The way into a circle is not part of it, and a way that leads nowhere is left again.
        let behind = policies(&[
            ("a", "requires: [c]"),
            ("b", "requires: [d, c]"),
            ("c", "requires: [b]"),
            ("d", "mends: fully"),
        ]);
        assert_eq!(found(&behind, &[]), [circle("b", "b requires c requires b")]);
        // Policies beside these are part of the way.
        let own = policies(&[("a", "requires: [b]")]);
        assert_eq!(
            found(&own, &policies(&[("b", "requires: [a]")])),
            [circle("a", "a requires b requires a")]
        );
        let beside = policies(&[("b", "requires: [c]"), ("c", "requires: [b]")]);
        assert_eq!(found(&own, &beside), [], "a circle of others is theirs");
    }
}
