//! Which file of `src` uses which, read from its tokens: imports, grouped or not, paths that are
//! written out, in macros too, and what other modules pass on with `pub use`. Tests are left out.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// One file uses something of another. Files are named as they lie in `src`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Use {
    pub from: String,
    pub to: String,
    /// The path as it was written.
    pub path: String,
    /// Only the module was named: what is used of it is said by other paths.
    pub is_module: bool,
}

/// A name that a module takes from elsewhere; all names, where it has none.
struct Import {
    name: Option<String>,
    path: Vec<String>,
}

#[derive(Default)]
struct Module {
    file: String,
    items: BTreeSet<String>,
    imports: Vec<Import>,
    paths: Vec<Vec<String>>,
}

/// What a path comes to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Target {
    Module(String),
    /// Something that stands in this module.
    In(String),
}

/// The modules of a crate, or of several where binaries use a library of the same package.
#[derive(Default)]
pub(crate) struct Crates {
    /// By path from the root of their crate, which has the name of the crate.
    modules: BTreeMap<String, Module>,
    /// Macros that stand at the root of their crate whatever module they are written in.
    macros: BTreeMap<String, String>,
    /// The library that the other crates may name.
    library: String,
}

const ITEMS: &[&str] = &["struct", "enum", "trait", "fn", "type", "const", "static", "union"];

impl Crates {
    /// The library `NAME` at `lib.rs`, the program at `main.rs`, and one for each file in `bin`.
    pub(crate) fn read(src: &Path, library: &str) -> Self {
        let mut crates = Self { library: library.to_owned(), ..Self::default() };
        crates.file(src, Path::new("lib.rs"), library, PathBuf::new());
        crates.file(src, Path::new("main.rs"), "main", PathBuf::new());
        if let Ok(entries) = fs::read_dir(src.join("bin")) {
            for entry in entries {
                let name = entry.unwrap().file_name().into_string().unwrap();
                crates.file(src, &Path::new("bin").join(&name), name.trim_end_matches(".rs"), "bin".into());
            }
        }
        crates
    }

    fn file(&mut self, src: &Path, file: &Path, module: &str, children: PathBuf) {
        let Ok(text) = fs::read_to_string(src.join(file)) else {
            return;
        };
        let tokens: TokenStream = text.parse().map_err(|error| (file, error)).unwrap();
        let name = file.to_str().unwrap().replace('\\', "/");
        self.modules.insert(module.to_owned(), Module { file: name, ..Module::default() });
        self.tokens(&Place { src, module, children: &children, is_items: true }, tokens);
    }

    fn tokens(&mut self, place: &Place<'_>, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut at = 0;
        let mut is_exported = false;
        while let Some(token) = tokens.get(at) {
            let rest = &tokens[at..];
            at += match token {
                TokenTree::Punct(punct) if punct.as_char() == '#' => match rest.get(1) {
                    Some(TokenTree::Group(attribute)) => match attribute.stream().to_string().as_str() {
                        "cfg (test)" | "test" => 2 + item(&rest[2..]),
                        text => {
                            is_exported |= text == "macro_export";
                            2
                        }
                    },
                    _ => 1,
                },
                TokenTree::Ident(word) if word == "use" && !is_punct(rest.get(1), '<') => {
                    let end = rest.iter().position(|token| is_punct(Some(token), ';')).unwrap_or(rest.len());
                    self.import(place.module, &rest[1..end], &[]);
                    end
                }
                TokenTree::Ident(word) if word == "mod" => {
                    self.child(place, rest);
                    rest.len().min(3)
                }
                TokenTree::Ident(word) if word == "macro_rules" => {
                    if let (Some(TokenTree::Ident(name)), true) = (rest.get(2), is_exported) {
                        self.macros.insert(name.to_string(), place.module.to_owned());
                    }
                    is_exported = false;
                    1
                }
                TokenTree::Ident(word) if place.is_items && ITEMS.iter().any(|item| word == item) => {
                    if let Some(TokenTree::Ident(name)) = rest.get(1) {
                        self.of(place.module).items.insert(name.to_string());
                    }
                    1
                }
                TokenTree::Ident(_) => {
                    let (path, length) = path(rest);
                    if path.len() > 1 {
                        self.of(place.module).paths.push(path);
                    }
                    length
                }
                TokenTree::Group(group) => {
                    let is_macro = at > 0 && is_punct(tokens.get(at - 1), '!');
                    let is_items = place.is_items && is_macro;
                    self.tokens(&Place { is_items, ..*place }, group.stream());
                    1
                }
                _ => 1,
            };
        }
    }

    fn of(&mut self, module: &str) -> &mut Module {
        self.modules.get_mut(module).unwrap()
    }

    /// `mod name;` and `mod name { … }`.
    fn child(&mut self, place: &Place<'_>, tokens: &[TokenTree]) {
        let Some(TokenTree::Ident(name)) = tokens.get(1) else {
            return;
        };
        let name = name.to_string();
        let module = format!("{}::{name}", place.module);
        let children = place.children.join(&name);
        match tokens.get(2) {
            Some(TokenTree::Group(body)) => {
                let file = self.of(place.module).file.clone();
                self.modules.insert(module.clone(), Module { file, ..Module::default() });
                let inside = Place { module: &module, children: &children, ..*place };
                self.tokens(&inside, body.stream());
            }
            _ => self.file(place.src, &children.with_extension("rs"), &module, children.clone()),
        }
    }

    /// The names of `a::{b, c as d, e::*}`, with the path each one stands for.
    fn import(&mut self, module: &str, tokens: &[TokenTree], before: &[String]) {
        for tree in tokens.split(|token| is_punct(Some(token), ',')).filter(|tree| !tree.is_empty()) {
            let mut path = before.to_vec();
            let mut name = None;
            let mut at = 0;
            let mut is_done = false;
            while let Some(token) = tree.get(at) {
                match token {
                    TokenTree::Ident(word) if word == "as" => {
                        name = tree.get(at + 1).map(ToString::to_string);
                        at += 1;
                    }
                    TokenTree::Ident(word) if word == "self" && !path.is_empty() => {}
                    TokenTree::Ident(word) => path.push(word.to_string()),
                    TokenTree::Punct(star) if star.as_char() == '*' => {
                        self.of(module).imports.push(Import { name: None, path: path.clone() });
                        is_done = true;
                    }
                    TokenTree::Group(group) => {
                        let inside: Vec<TokenTree> = group.stream().into_iter().collect();
                        self.import(module, &inside, &path);
                        is_done = true;
                    }
                    _ => {}
                }
                at += 1;
            }
            if !is_done && let Some(last) = path.last() {
                let name = Some(name.unwrap_or_else(|| last.clone()));
                self.of(module).imports.push(Import { name, path });
            }
        }
    }

    /// What each file uses of the others.
    pub(crate) fn uses(&self) -> BTreeSet<Use> {
        let mut uses = BTreeSet::new();
        for (name, module) in &self.modules {
            let imports = module.imports.iter().map(|import| (&import.path, import.name.is_none()));
            let paths = module.paths.iter().map(|path| (path, false));
            for (path, is_glob) in imports.chain(paths) {
                for target in self.resolve(name, path, 0) {
                    let (owner, is_module) = match &target {
                        Target::Module(owner) => (owner, !is_glob),
                        Target::In(owner) => (owner, false),
                    };
                    let (from, to) = (module.file.clone(), self.modules[owner].file.clone());
                    if from != to {
                        uses.insert(Use { from, to, path: path.join("::"), is_module });
                    }
                }
            }
        }
        uses
    }

    /// What a path in this module names; nothing where it names another package or itself.
    fn resolve(&self, module: &str, path: &[String], depth: usize) -> Vec<Target> {
        let (Some(first), true) = (path.first(), depth < 16) else {
            return Vec::new();
        };
        let root = module.split("::").next().unwrap();
        match first.as_str() {
            "crate" => return self.walk(root, &path[1..], depth),
            "self" => return self.walk(module, &path[1..], depth),
            "super" => {
                let supers = path.iter().take_while(|segment| *segment == "super").count();
                let above =
                    (0..supers).fold(module, |at, _| at.rsplit_once("::").map_or(at, |(above, _)| above));
                return self.walk(above, &path[supers..], depth);
            }
            _ => {}
        }
        if self.has(module, first, depth) {
            return self.walk(module, path, depth);
        }
        if *first == self.library && root != self.library {
            return self.walk(first, &path[1..], depth);
        }
        Vec::new()
    }

    /// Whether a module has this name, of its own or from elsewhere in these crates.
    fn has(&self, module: &str, name: &str, depth: usize) -> bool {
        let known = &self.modules[module];
        self.modules.contains_key(&format!("{module}::{name}"))
            || known.items.contains(name)
            || known.imports.iter().any(|import| match &import.name {
                Some(own) => own == name,
                None => self.all_of(module, import, depth).iter().any(|from| self.has(from, name, depth + 1)),
            })
    }

    /// The modules that `path::*` takes everything from.
    fn all_of(&self, module: &str, import: &Import, depth: usize) -> Vec<String> {
        let targets = self.resolve(module, &import.path, depth + 1).into_iter();
        targets
            .filter_map(|target| if let Target::Module(from) = target { Some(from) } else { None })
            .collect()
    }

    fn walk(&self, module: &str, path: &[String], depth: usize) -> Vec<Target> {
        let Some((first, rest)) = path.split_first() else {
            return vec![Target::Module(module.to_owned())];
        };
        if depth >= 16 {
            return Vec::new();
        }
        let known = &self.modules[module];
        let mut targets = Vec::new();
        let child = format!("{module}::{first}");
        if self.modules.contains_key(&child) {
            targets.extend(self.walk(&child, rest, depth));
            if !rest.is_empty() {
                return targets;
            }
        }
        if known.items.contains(first) {
            targets.push(Target::In(module.to_owned()));
            return targets;
        }
        for import in known.imports.iter().filter(|import| import.name.as_ref() == Some(first)) {
            for target in self.resolve(module, &import.path, depth + 1) {
                match target {
                    Target::Module(from) => targets.extend(self.walk(&from, rest, depth + 1)),
                    Target::In(_) => targets.push(target),
                }
            }
            // A name that comes from another package: it is passed on here.
            if targets.is_empty() {
                targets.push(Target::In(module.to_owned()));
            }
        }
        if targets.is_empty()
            && let Some(owner) = self.macros.get(first)
            && !module.contains("::")
        {
            targets.push(Target::In(owner.clone()));
        }
        if targets.is_empty() {
            for import in known.imports.iter().filter(|import| import.name.is_none()) {
                for from in self.all_of(module, import, depth) {
                    if self.has(&from, first, depth + 1) {
                        targets.extend(self.walk(&from, path, depth + 1));
                    }
                }
            }
        }
        // What a macro makes has no name in the tokens.
        if targets.is_empty() {
            targets.push(Target::In(module.to_owned()));
        }
        targets
    }
}

struct Place<'p> {
    src: &'p Path,
    module: &'p str,
    /// Where the files of modules that are declared here lie.
    children: &'p Path,
    /// Items of the module stand here, and not what is inside of one.
    is_items: bool,
}

fn is_punct(token: Option<&TokenTree>, expected: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == expected)
}

/// How many tokens an item has: to its semicolon or its body.
fn item(tokens: &[TokenTree]) -> usize {
    let is_use = matches!(tokens.first(), Some(TokenTree::Ident(word)) if word == "use");
    let is_last = |token: &TokenTree| match token {
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace && !is_use,
        token => is_punct(Some(token), ';'),
    };
    tokens.iter().position(is_last).map_or(tokens.len(), |last| last + 1)
}

/// `a::b::c` at the start of the tokens, and how many of them it takes.
fn path(tokens: &[TokenTree]) -> (Vec<String>, usize) {
    let mut path = Vec::new();
    let mut at = 0;
    while let Some(TokenTree::Ident(word)) = tokens.get(at) {
        path.push(word.to_string());
        at += 1;
        let is_followed = matches!(tokens.get(at + 2), Some(TokenTree::Ident(_)));
        if !(is_punct(tokens.get(at), ':') && is_punct(tokens.get(at + 1), ':') && is_followed) {
            break;
        }
        at += 2;
    }
    (path, at)
}

/// Modules that use each other in a circle, each circle as a sentence.
///
/// Modules are compared with those they lie beside, each with all that it contains: `a/x.rs` that
/// uses `b.rs`, and `b.rs` that uses `a/y.rs`, are a circle of `a` and `b`. A module and what it
/// contains make each other up, and are none.
pub(crate) fn circles(uses: &BTreeSet<Use>) -> Vec<String> {
    let parts =
        |file: &str| -> Vec<String> { file.trim_end_matches(".rs").split('/').map(str::to_owned).collect() };
    // By the folder that two modules lie in: who uses whom, and by which of its files.
    let mut levels: BTreeMap<Vec<String>, BTreeMap<(String, String), &Use>> = BTreeMap::new();
    for one in uses.iter().filter(|one| !one.is_module) {
        let (from, to) = (parts(&one.from), parts(&one.to));
        let common = from.iter().zip(&to).take_while(|(from, to)| from == to).count();
        if let (Some(from), Some(to)) = (from.get(common), to.get(common)) {
            let level = levels.entry(parts(&one.from)[..common].to_vec()).or_default();
            level.entry((from.clone(), to.clone())).or_insert(one);
        }
    }
    let mut circles = Vec::new();
    for (level, edges) in &levels {
        let reached = |start: &str| {
            let mut reached = BTreeSet::new();
            let mut waiting = vec![start];
            while let Some(from) = waiting.pop() {
                for (_, to) in edges.keys().filter(|(one, _)| one == from) {
                    if reached.insert(to.as_str()) {
                        waiting.push(to);
                    }
                }
            }
            reached
        };
        let inside = edges.iter().filter(|((from, to), _)| reached(to).contains(from.as_str()));
        for ((from, to), one) in inside {
            let place = level.join("/");
            circles.push(format!("src/{place}: {from} uses {to} ({}: {})", one.from, one.path));
        }
    }
    circles
}

/// What the files of a small package use, `from > to`; those that are only named stand in brackets.
fn uses_in(files: &[(&str, &str)]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let uses = Crates::read(folder.path(), "shop").uses();
    let mut uses: Vec<String> = uses
        .iter()
        .map(|one| {
            let text = format!("{} > {}", one.from.trim_end_matches(".rs"), one.to.trim_end_matches(".rs"));
            if one.is_module { format!("({text})") } else { text }
        })
        .collect();
    uses.sort();
    uses.dedup();
    uses
}

const SHOP: &[(&str, &str)] = &[
    ("lib.rs", "pub mod basket; pub mod price; pub mod x;"),
    ("price.rs", "pub mod tier; pub struct Price; pub fn of() {}"),
    ("price/tier.rs", "pub struct Tier;"),
    ("basket.rs", "mod line; pub use line::Line;"),
    (
        "basket/line.rs",
        "pub struct Line; #[macro_export] macro_rules! line { () => { $crate::price::Price } }",
    ),
];

/// Every way in which a file may use another, and none where it only looks like one.
#[test]
fn every_way_to_write_a_path_is_read() {
    let cases: &[(&str, &[&str])] = &[
        ("use crate::price::Price;", &["x > price"]),
        (
            "use crate::{\n    basket::Line,\n    price::{self, tier::Tier},\n};",
            &["(x > price)", "x > basket/line", "x > price/tier"],
        ),
        ("use crate::price;", &["(x > price)"]),
        ("use crate::price; fn f() { price::of() }", &["(x > price)", "x > price"]),
        ("use crate::price; fn f(_: price::tier::Tier) {}", &["(x > price)", "x > price/tier"]),
        ("use crate::price as cost; fn f() { cost::of() }", &["(x > price)", "x > price"]),
        ("use crate::price::*;", &["x > price"]),
        ("use crate::price::*; fn f(_: tier::Tier) {}", &["x > price", "x > price/tier"]),
        ("fn f() { crate::price::of() }", &["x > price"]),
        ("fn f() { use super::price::Price; }", &["x > price"]),
        ("fn f() -> Vec<u8> { vec![crate::price::of(), 1] }", &["x > price"]),
        ("macro_rules! f { () => { $crate::price::of() } }", &["x > price"]),
        ("mod inner { use super::super::price::Price; }", &["x > price"]),
        ("crate::line!();", &["x > basket/line"]),
        // What is passed on is used of the file that has it.
        ("use crate::basket::Line;", &["x > basket/line"]),
        ("fn f(_: &crate::basket::Line) {}", &["x > basket/line"]),
        // Comments, text, tests, and names of its own.
        ("//! See crate::price::of.\n/* crate::price::of() */ /// [`crate::price`]\nfn f() {}", &[]),
        ("const F: &str = \"crate::price::of()\";", &[]),
        ("#[cfg(test)] mod tests { use crate::price::Price; } ", &[]),
        ("#[cfg(test)] use crate::price::{Price, tier}; fn f() {}", &[]),
        ("mod price { pub struct Price; } use price::Price;", &[]),
        ("use serde::price; use std::fmt; fn f() { price::of(); fmt::of() }", &[]),
    ];
    for (text, expected) in cases {
        let files = [SHOP, &[("x.rs", *text)]].concat();
        let of_x: Vec<String> =
            uses_in(&files).into_iter().filter(|one| one.trim_start_matches('(').starts_with("x ")).collect();
        assert_eq!(of_x, *expected, "{text}");
    }
}

#[test]
fn modules_inside_modules_and_programs_are_read() {
    let deep = [
        SHOP,
        &[
            ("x.rs", "mod y;"),
            ("x/y.rs", "mod z; use super::super::basket::Line;"),
            ("x/y/z.rs", "use super::super::super::price::tier; fn f(_: tier::Tier) {}"),
            ("main.rs", "mod cli; fn main() { cli::run() }"),
            ("cli.rs", "use shop::price::Price; pub fn run() { shop::price::of() }"),
            ("bin/other.rs", "fn main() { shop::price::of() }"),
        ],
    ];
    let expected = [
        "(x/y/z > price/tier)",
        "basket > basket/line",
        "basket/line > price",
        "bin/other > price",
        "cli > price",
        "main > cli",
        "x/y > basket/line",
        "x/y/z > price/tier",
    ];
    assert_eq!(uses_in(&deep.concat()), expected.map(str::to_owned).to_vec());
}

#[test]
fn a_circle_is_found_whatever_files_it_goes_through() {
    let one = |from: &str, to: &str| Use {
        from: from.to_owned(),
        to: to.to_owned(),
        path: "crate::x".to_owned(),
        is_module: false,
    };
    let found = |uses: &[Use]| circles(&uses.iter().cloned().collect());
    // A module and what it contains, and a way back that none takes.
    assert!(found(&[one("a.rs", "a/x.rs"), one("a/x.rs", "a.rs"), one("a/x.rs", "b.rs")]).is_empty());
    let named = Use { is_module: true, ..one("b.rs", "a.rs") };
    assert!(found(&[one("a.rs", "b.rs"), named]).is_empty());
    assert_eq!(
        found(&[one("a/x.rs", "b.rs"), one("b.rs", "c.rs"), one("c.rs", "a/y.rs"), one("c.rs", "d.rs")]),
        [
            "src/: a uses b (a/x.rs: crate::x)",
            "src/: b uses c (b.rs: crate::x)",
            "src/: c uses a (c.rs: crate::x)"
        ]
    );
    assert_eq!(found(&[one("m/a.rs", "m/b.rs"), one("m/b.rs", "m/a.rs")]).len(), 2);
}
