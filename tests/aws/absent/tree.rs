//! Answers as trees, JSON and XML alike: which fields there are, and the answer without one of them.

use quick_xml::events::Event;
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// An answer.
pub(crate) enum Tree {
    Json(Json),
    Xml(Vec<Node>),
}

/// A node of XML.
#[derive(Clone)]
pub(crate) enum Node {
    Element {
        name: String,
        start: Vec<u8>,
        children: Vec<Node>,
    },
    /// Text, declarations and comments as they are.
    Other(Vec<u8>),
}

/// A field, in whatever element of a list: `DBInstances.DBInstance.DeletionProtection`,
/// `clusters[].settings`.
pub(crate) type Path = Vec<String>;

/// What a path leads to.
#[derive(Debug, Clone, Default)]
pub(crate) struct Field {
    /// It is a list, whose absence is how many a service writes an empty one.
    pub is_list: bool,
    /// It is an element of a list.
    pub is_element: bool,
    /// The texts in it.
    pub texts: Vec<String>,
}

impl Tree {
    pub(crate) fn read(text: &str) -> Tree {
        match text.trim_start().starts_with('<') {
            true => Tree::Xml(read_xml(text)),
            false => Tree::Json(serde_json::from_str(text).unwrap()),
        }
    }

    pub(crate) fn write(&self) -> Vec<u8> {
        match self {
            Tree::Json(json) => json.to_string().into_bytes(),
            Tree::Xml(nodes) => {
                let mut text = Vec::new();
                nodes.iter().for_each(|node| write_xml(node, &mut text));
                text
            }
        }
    }

    /// Every field.
    pub(crate) fn fields(&self) -> BTreeMap<Path, Field> {
        let mut fields = BTreeMap::new();
        match self {
            Tree::Json(json) => json_fields(json, &mut Vec::new(), &mut fields),
            Tree::Xml(nodes) => {
                // The root and, of query protocols, the result in it are no fields.
                for node in nodes {
                    xml_fields(node, &mut Vec::new(), false, &mut fields);
                }
            }
        }
        fields
    }

    /// The answer without the field; how often it was there.
    pub(crate) fn without(&mut self, path: &[String]) -> usize {
        match self {
            Tree::Json(json) => remove_json(json, path),
            Tree::Xml(nodes) => remove_xml(nodes, path),
        }
    }
}

fn json_texts(json: &Json, texts: &mut Vec<String>) {
    match json {
        Json::Object(map) => map.values().for_each(|value| json_texts(value, texts)),
        Json::Array(values) => values.iter().for_each(|value| json_texts(value, texts)),
        Json::String(text) => texts.push(text.clone()),
        other => texts.push(other.to_string()),
    }
}

fn json_fields(json: &Json, path: &mut Path, fields: &mut BTreeMap<Path, Field>) {
    match json {
        Json::Object(map) => {
            // `$time` and its like are how a recording writes a type that JSON lacks.
            for (key, value) in map.iter().filter(|(key, _)| !key.starts_with('$')) {
                path.push(key.clone());
                let field = fields.entry(path.clone()).or_default();
                field.is_list |= value.is_array();
                json_texts(value, &mut field.texts);
                json_fields(value, path, fields);
                path.pop();
            }
        }
        Json::Array(values) => {
            path.push("[]".to_owned());
            values.iter().for_each(|value| json_fields(value, path, fields));
            path.pop();
        }
        _ => {}
    }
}

fn remove_json(json: &mut Json, path: &[String]) -> usize {
    match (json, path) {
        (Json::Object(map), [last]) => usize::from(map.remove(last).is_some()),
        (Json::Object(map), [first, rest @ ..]) => {
            map.get_mut(first).map_or(0, |value| remove_json(value, rest))
        }
        (Json::Array(values), [first, rest @ ..]) if first == "[]" => {
            values.iter_mut().map(|value| remove_json(value, rest)).sum()
        }
        _ => 0,
    }
}

fn read_xml(text: &str) -> Vec<Node> {
    let mut reader = quick_xml::Reader::from_str(text);
    let mut open: Vec<(String, Vec<u8>, Vec<Node>)> = vec![(String::new(), Vec::new(), Vec::new())];
    loop {
        let event = reader.read_event().unwrap();
        let node = match event {
            Event::Start(start) => {
                let name = start.name().as_ref().to_owned();
                open.push((name, start.as_bytes().to_vec(), Vec::new()));
                continue;
            }
            Event::Empty(start) => {
                let name = start.name().as_ref().to_owned();
                Node::Element { name, start: start.as_bytes().to_vec(), children: Vec::new() }
            }
            Event::End(_) => {
                let (name, start, children) = open.pop().unwrap();
                Node::Element { name, start, children }
            }
            Event::Eof => return open.pop().unwrap().2,
            Event::Text(text) => Node::Other(text.as_bytes().to_vec()),
            Event::GeneralRef(name) => Node::Other(format!("&{};", &*name).into_bytes()),
            Event::CData(text) => Node::Other(format!("<![CDATA[{}]]>", &*text).into_bytes()),
            // Declarations and comments say nothing.
            _ => continue,
        };
        open.last_mut().unwrap().2.push(node);
    }
}

fn write_xml(node: &Node, text: &mut Vec<u8>) {
    match node {
        Node::Other(bytes) => text.extend_from_slice(bytes),
        Node::Element { name, start, children } => {
            text.push(b'<');
            text.extend_from_slice(start);
            text.push(b'>');
            children.iter().for_each(|child| write_xml(child, text));
            text.extend_from_slice(b"</");
            text.extend_from_slice(name.as_bytes());
            text.push(b'>');
        }
    }
}

fn xml_texts(node: &Node, texts: &mut Vec<String>) {
    match node {
        Node::Other(bytes) => {
            let text = String::from_utf8_lossy(bytes).trim().to_owned();
            if !text.is_empty() {
                texts.push(text);
            }
        }
        Node::Element { children, .. } => children.iter().for_each(|child| xml_texts(child, texts)),
    }
}

fn elements(nodes: &[Node]) -> Vec<&str> {
    nodes
        .iter()
        .filter_map(|node| match node {
            Node::Element { name, .. } => Some(name.as_str()),
            Node::Other(_) => None,
        })
        .collect()
}

/// Lists hold elements of one name: `item`, `member`, or their own in the singular.
fn holds_list(name: &str, children: &[Node]) -> bool {
    let names = elements(children);
    match names.as_slice() {
        [] => false,
        [first, rest @ ..] => {
            let is_same = rest.iter().all(|other| other == first);
            let is_of_list = ["item", "member"].contains(first)
                || name.starts_with(first)
                || first.starts_with(name.trim_end_matches('s'))
                || name == format!("{}ies", first.trim_end_matches('y'));
            is_same && (is_of_list || !rest.is_empty())
        }
    }
}

fn xml_fields(node: &Node, path: &mut Path, is_element: bool, fields: &mut BTreeMap<Path, Field>) {
    let Node::Element { name, children, .. } = node else { return };
    path.push(name.clone());
    let is_list = holds_list(name, children);
    let field = fields.entry(path.clone()).or_default();
    field.is_list |= is_list;
    field.is_element |= is_element;
    xml_texts(node, &mut field.texts);
    children.iter().for_each(|child| xml_fields(child, path, is_list, fields));
    path.pop();
}

fn remove_xml(nodes: &mut Vec<Node>, path: &[String]) -> usize {
    let is_named =
        |node: &Node, wanted: &String| matches!(node, Node::Element { name, .. } if name == wanted);
    match path {
        [] => 0,
        [last] => {
            let before = nodes.len();
            nodes.retain(|node| !is_named(node, last));
            before - nodes.len()
        }
        [first, rest @ ..] => nodes
            .iter_mut()
            .filter(|node| is_named(node, first))
            .map(|node| match node {
                Node::Element { children, .. } => remove_xml(children, rest),
                Node::Other(_) => 0,
            })
            .sum(),
    }
}
