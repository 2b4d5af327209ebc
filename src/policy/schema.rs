//! The JSON Schema of a policy file, for editors, and the reference of conclusions.

use crate::conclude;
use crate::finding::{Metric, Pillar, Severity, Stage};
use crate::snapshot::schema::describe_records;
use serde_json::{Value, json};

/// The JSON Schema (draft 2020-12) of a policy file. The loader checks more: expressions,
/// languages of steps, and that examples come out as they say.
pub fn policy_schema() -> Value {
    let both = json!({
        "type": "object", "additionalProperties": false, "required": ["en", "ja"],
        "properties": { "en": { "type": "string" }, "ja": { "type": "string" } },
    });
    let worded = json!({ "anyOf": [{ "type": "string" }, both] });
    let script =
        |description: &str| json!({ "description": description, "anyOf": [{ "type": "string" }, both] });
    let texts = json!({ "type": "array", "items": { "type": "string" } });
    let change = json!({
        "type": "object", "additionalProperties": false,
        "properties": {
            "for": { "type": ["string", "array"], "items": { "type": "string" }, "description": "The records to look for, for instance table in ec2.route_tables." },
            "where": { "type": ["string", "boolean"], "description": "Changed only where this holds." },
            "once": { "const": true, "description": "The first record alone." },
            "set": { "type": "string", "description": "The field that gets another value." },
            "to": { "description": "Its value: a text with {expressions}, otherwise an expression." },
            "add": { "type": "string", "description": "The list that gets another element." },
            "value": { "description": "The element." },
            "remove": { "type": "string", "description": "The record that goes." },
        },
    });
    let text_or_texts = |what: &str| json!({ "type": "string", "description": what });
    let cause = json!({
        "type": "object", "minProperties": 1, "additionalProperties": false,
        "description": "What is changed that other findings may share: one section and one piece of work for all of them. Expressions that give text, or a list of texts.",
        "properties": {
            "security-group": text_or_texts("Ids of security groups whose rules are changed."),
            "task-definition": text_or_texts("The ARN of a task definition that is replaced."),
            "topic": text_or_texts("ARNs of topics."),
            "argument": text_or_texts("A resource's ARN, a space, and the argument's name."),
        },
    });
    let blocks: serde_json::Map<String, Value> =
        Stage::ALL.iter().map(|stage| (stage.as_str().to_owned(), worded.clone())).collect();
    let lets = json!({
        "type": "object", "minProperties": 1, "additionalProperties": { "type": ["string", "number", "boolean"] },
        "propertyNames": { "pattern": "^[a-z][a-z0-9_]*$" },
        "description": "Names for parts of expressions.",
    });
    let option = json!({
        "type": "object", "additionalProperties": false, "required": ["id", "title", "steps", "impact", "monthly_cost"],
        "properties": {
            "id": { "type": "string" },
            "title": both,
            "steps": {
                "type": "object", "additionalProperties": false, "required": ["en", "ja"],
                "properties": { "en": texts, "ja": texts },
            },
            "cause": cause,
            "cli": {
                "description": "Commands for the AWS CLI with {expressions}; comments may say both languages: # English ## 日本語. A list of blocks, each with its stage, where findings of one cause share a script.",
                "anyOf": [
                    { "type": "string" },
                    both,
                    {
                        "type": "array", "minItems": 1,
                        "items": { "type": "object", "minProperties": 1, "maxProperties": 1, "additionalProperties": false, "properties": blocks },
                    },
                ],
            },
            "check": script("Commands that read and show whether cli worked, with the expected answer as a comment."),
            "undo": script("Commands that restore the state before cli; a comment where that cannot be done."),
            "terraform": script("A Terraform fragment with {expressions}."),
            "effect": { "type": "array", "minItems": 1, "items": change, "description": "What the account looks like afterwards." },
            "becomes": { "type": "object", "description": "What conclusions answer afterwards in the example of a failure." },
            "let": lets,
            "monthly_cost": { "type": ["string", "number"], "description": "US dollars a month on top of today: an expression, a number, 0 for free, or unknown; a saving is negative." },
            "monthly_cost_note": both,
            "carries": { "type": ["string", "number"], "description": "How many times today's load what it leaves carries, before anything scales or is added." },
            "carries_today": { "type": ["string", "number"], "description": "The same of today, where the option takes away from that." },
            "impact": {
                "type": "object", "additionalProperties": false, "required": ["downtime", "needs_test", "effort_hours"],
                "properties": {
                    "downtime": { "enum": ["none", "seconds", "minutes", "hours"] },
                    "needs_test": { "type": "boolean" },
                    "effort_hours": { "type": ["string", "number"], "minimum": 0, "description": "Work for one engineer, once: a number, or an expression." },
                },
            },
            "requires": { "type": "array", "items": { "type": "string" }, "description": "policy or policy/option: what must be fixed first." },
            "excludes": { "type": "array", "items": { "type": "string" }, "description": "policy/option: what is pointless or impossible beside it." },
            "resolves": { "type": "array", "items": { "type": "string" }, "description": "Policies whose failures on the same or a related resource it fixes as well." },
            "together_with": { "type": "array", "items": { "type": "string" }, "description": "policy or policy/option: one piece of work with it." },
            "mends": { "enum": ["fully", "partly"], "description": "partly: the risk is lower, and the finding stays." },
            "improves": {
                "type": "array",
                "items": {
                    "type": "object", "additionalProperties": false, "required": ["metric", "before", "after"],
                    "properties": {
                        "metric": { "enum": Metric::ALL.map(Metric::as_str) },
                        "before": worded,
                        "after": worded,
                    },
                },
            },
        },
    });
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "tenken policy",
        "type": "object",
        "additionalProperties": false,
        "required": ["id", "severity", "pillar", "title", "risk", "for", "found", "options", "examples"],
        "properties": {
            "id": { "type": "string", "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$", "description": "The file's name; never reused." },
            "severity": { "enum": Severity::ALL.map(Severity::as_str) },
            "pillar": { "enum": Pillar::ALL.map(Pillar::as_str), "description": "The folder." },
            "title": both,
            "risk": both,
            "for": { "type": "string", "description": "variable in service.list, for instance db in rds.db_instances; or account" },
            "kept_copies": { "const": "accepted", "description": "A copy that a script keeps for a week may fail it until then." },
            "parameters": { "type": "object", "additionalProperties": { "type": ["number", "string"] }, "description": "Thresholds with their defaults, by name; tenken.toml may change them." },
            "let": lets,
            "each": { "type": "string", "description": "variable in an expression that gives a list of records" },
            "cause": cause,
            "key": { "type": "string", "description": "Tells the elements of `each` apart." },
            "when": { "type": ["string", "boolean"], "description": "False: not applicable." },
            "pass": { "type": ["string", "boolean"], "description": "The invariant." },
            "found": both,
            "evidence": texts,
            "passed": both,
            "options": { "type": "array", "minItems": 1, "items": option },
            "compliance": { "type": "object", "additionalProperties": texts },
            "references": texts,
            "examples": { "type": "array", "minItems": 3, "items": { "type": "object" } },
        },
    })
}

/// The conclusions that policies can call, in Markdown.
pub(crate) fn conclusion_reference() -> String {
    let mut text = String::from("\n# Conclusions\n\nFunctions about the judged resource.\n");
    let mut seen = Vec::new();
    for function in conclude::FUNCTIONS {
        let takes = (function.takes)().name;
        text.push_str(&format!(
            "\n## {}({takes})\n\n{}\n\nGives {:?}.\n",
            function.name,
            function.doc.trim(),
            (function.gives)()
        ));
        describe_records(&(function.gives)(), &mut seen, &mut text);
    }
    text
}
