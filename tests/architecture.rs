//! The house holds the plan of docs/ARCHITECTURE.md: every arrow points down, no files lean on each other in a circle, a
//! type name stands for one type, and no `_` hides a forgotten entry of a list.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{TokenStream, TokenTree};
use syn::parse::{ParseStream, Parser};
use syn::visit::{self, Visit};
use syn::{Attribute, Item, UseTree};

/// The page with the list of floors, from the top to the ground.
const PLAN: &str = include_str!("../docs/ARCHITECTURE.md");

/// The lists whose entries a `match` names one by one, so that the compiler asks for a new one.
const LISTS: [&str; 10] = [
    "EngineKind",
    "InputFormat",
    "Content",
    "Records",
    "ReportFormat",
    "ReportFiles",
    "Table",
    "WorkbookTable",
    "ComparisonTable",
    "ComparisonFormat",
];

/// One file of `src`, as far as the plan is concerned; tests are left out.
#[derive(Default)]
struct Module {
    file: PathBuf,
    /// Items that the file defines.
    defined: BTreeSet<String>,
    /// Names that a `use` brings in, with where they come from.
    imported: BTreeMap<String, Vec<String>>,
    /// Those of them that it hands on (`pub use`).
    handed_on: BTreeSet<String>,
    /// Paths, as they are written.
    paths: Vec<Vec<String>>,
    /// Modules that it imports whole (`use a::*`).
    globs: Vec<Vec<String>>,
    types: Vec<String>,
    /// Types of which it has methods.
    extended: Vec<Vec<String>>,
    /// Matches over a list that do not name every entry.
    hidden: Vec<String>,
    /// The type whose `impl` is being read.
    within: String,
}

/// Modules by their paths; that of the crate is empty.
type Modules = BTreeMap<Vec<String>, Module>;

fn modules() -> Modules {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut modules = Modules::new();
    for entry in walkdir::WalkDir::new(&root).sort_by_file_name() {
        let path = entry.unwrap().into_path();
        let name = path.strip_prefix(&root).unwrap().with_extension("");
        let mut segments: Vec<String> = name
            .iter()
            .map(|part| part.to_string_lossy().into_owned())
            .collect();
        let last = segments.last().map_or("", String::as_str);
        if path.extension().is_none_or(|e| e != "rs") || matches!(last, "tests" | "main") {
            continue;
        }
        if matches!(last, "mod" | "lib") {
            segments.pop();
        }
        let mut module = Module {
            file: path.strip_prefix(&root).unwrap().into(),
            ..Module::default()
        };
        let text = fs::read_to_string(&path).unwrap();
        module.visit_file(&syn::parse_file(&text).unwrap());
        modules.insert(segments, module);
    }
    assert!(modules.len() > 100);
    modules
}

fn is_test(attributes: &[Attribute]) -> bool {
    let cfg_test = |attribute: &Attribute| match &attribute.meta {
        syn::Meta::List(list) => list.path.is_ident("cfg") && list.tokens.to_string() == "test",
        _ => false,
    };
    attributes.iter().any(cfg_test)
}

impl Module {
    /// Notes what a `use` brings in; `before` are the segments so far.
    fn import(&mut self, tree: &UseTree, before: &[String]) {
        let with = |ident: &syn::Ident| {
            let mut path = before.to_vec();
            if ident != "self" || before.is_empty() {
                path.push(ident.to_string());
            }
            path
        };
        match tree {
            UseTree::Path(path) => self.import(&path.tree, &with(&path.ident)),
            UseTree::Name(name) => {
                let path = with(&name.ident);
                self.imported.insert(path.last().unwrap().clone(), path);
            }
            UseTree::Rename(rename) => {
                self.imported
                    .insert(rename.rename.to_string(), with(&rename.ident));
            }
            UseTree::Glob(_) => {
                let is_ours = matches!(before[0].as_str(), "crate" | "self" | "super");
                self.globs.extend(is_ours.then(|| before.to_vec()));
            }
            UseTree::Group(group) => {
                for tree in &group.items {
                    self.import(tree, before);
                }
            }
        }
    }
}

impl<'ast> Visit<'ast> for Module {
    fn visit_item(&mut self, item: &'ast Item) {
        let (attributes, ident) = match item {
            Item::Struct(item) => (&item.attrs, Some(&item.ident)),
            Item::Enum(item) => (&item.attrs, Some(&item.ident)),
            Item::Trait(item) => (&item.attrs, Some(&item.ident)),
            Item::Type(item) => (&item.attrs, Some(&item.ident)),
            Item::Fn(item) => (&item.attrs, Some(&item.sig.ident)),
            Item::Const(item) => (&item.attrs, Some(&item.ident)),
            Item::Static(item) => (&item.attrs, Some(&item.ident)),
            Item::Macro(item) => (&item.attrs, item.ident.as_ref()),
            Item::Impl(item) => (&item.attrs, None),
            Item::Mod(item) => (&item.attrs, None),
            Item::Use(item) => (&item.attrs, None),
            _ => return,
        };
        if is_test(attributes) {
            return;
        }
        self.defined.extend(ident.map(ToString::to_string));
        let is_type = matches!(
            item,
            Item::Struct(_) | Item::Enum(_) | Item::Trait(_) | Item::Type(_)
        );
        self.types
            .extend(ident.filter(|_| is_type).map(ToString::to_string));
        match item {
            Item::Use(item) => {
                let before: BTreeSet<String> = self.imported.keys().cloned().collect();
                self.import(&item.tree, &[]);
                if !matches!(item.vis, syn::Visibility::Inherited) {
                    let names = self.imported.keys().filter(|name| !before.contains(*name));
                    self.handed_on.extend(names.cloned());
                }
            }
            // `table_list! { List { ... } }` defines an enum.
            Item::Macro(item) if item.mac.path.is_ident("table_list") => {
                let tokens = item.mac.tokens.clone().into_iter();
                let list = tokens
                    .filter_map(|token| match token {
                        TokenTree::Ident(ident) => Some(ident.to_string()),
                        _ => None,
                    })
                    .next();
                self.types.extend(list.clone());
                self.defined.extend(list);
            }
            Item::Impl(of) => {
                if let syn::Type::Path(path) = &*of.self_ty {
                    let path = segments(&path.path);
                    self.within = path.last().unwrap().clone();
                    self.extended.extend(of.trait_.is_none().then_some(path));
                }
                visit::visit_item(self, item);
                self.within.clear();
            }
            _ => visit::visit_item(self, item),
        }
    }

    fn visit_visibility(&mut self, _: &'ast syn::Visibility) {}

    fn visit_attribute(&mut self, _: &'ast Attribute) {}

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.leading_colon.is_none() {
            self.paths.push(segments(path));
        }
        visit::visit_path(self, path);
    }

    /// What a macro is given is tokens: the paths among them, and the pattern of `matches!`.
    fn visit_macro(&mut self, of: &'ast syn::Macro) {
        visit::visit_macro(self, of);
        add_paths(&mut self.paths, of.tokens.clone());
        if of.path.is_ident("matches") {
            let pattern = |input: ParseStream<'_>| {
                input.parse::<syn::Expr>()?;
                input.parse::<syn::Token![,]>()?;
                let pattern = syn::Pat::parse_multi_with_leading_vert(input)?;
                input.parse::<TokenStream>()?;
                Ok(pattern)
            };
            let pattern = pattern.parse2(of.tokens.clone()).unwrap();
            self.hidden
                .extend(Entries::of(&pattern, &self.within).lists);
        }
    }

    fn visit_expr_match(&mut self, expression: &'ast syn::ExprMatch) {
        let arms = expression.arms.iter();
        let arms = arms.map(|arm| Entries::of(&arm.pat, &self.within));
        let (naming, others): (Vec<_>, Vec<_>) = arms.partition(|of| !of.lists.is_empty());
        if others.iter().any(|other| other.takes_any) {
            self.hidden
                .extend(naming.into_iter().flat_map(|of| of.lists));
        }
        visit::visit_expr_match(self, expression);
    }
}

fn segments(path: &syn::Path) -> Vec<String> {
    let segments = path.segments.iter();
    segments.map(|of| of.ident.to_string()).collect()
}

/// Adds the paths of two segments or more among tokens.
fn add_paths(paths: &mut Vec<Vec<String>>, tokens: TokenStream) {
    let mut path: Vec<String> = Vec::new();
    let mut colons = 0;
    let mut keep = |path: &mut Vec<String>| {
        let path = std::mem::take(path);
        paths.extend((path.len() > 1).then_some(path));
    };
    let mut groups = Vec::new();
    for token in tokens {
        match token {
            TokenTree::Ident(ident) => {
                if colons != 2 {
                    keep(&mut path);
                }
                path.push(ident.to_string());
                colons = 0;
            }
            TokenTree::Punct(mark) if mark.as_char() == ':' => colons += 1,
            TokenTree::Group(group) => {
                keep(&mut path);
                groups.push(group.stream());
            }
            TokenTree::Punct(_) | TokenTree::Literal(_) => keep(&mut path),
        }
    }
    keep(&mut path);
    for group in groups {
        add_paths(paths, group);
    }
}

/// What a pattern says of the lists.
struct Entries<'a> {
    within: &'a str,
    /// Those of which it names entries.
    lists: BTreeSet<String>,
    /// Whether something in it takes any value: `_`, or a name that is bound.
    takes_any: bool,
}

impl<'a> Entries<'a> {
    fn of(pattern: &syn::Pat, within: &'a str) -> Self {
        let mut entries = Self {
            within,
            lists: BTreeSet::new(),
            takes_any: false,
        };
        entries.visit_pat(pattern);
        entries
    }
}

impl<'ast> Visit<'ast> for Entries<'_> {
    fn visit_pat(&mut self, pattern: &'ast syn::Pat) {
        self.takes_any |= matches!(pattern, syn::Pat::Wild(_) | syn::Pat::Ident(_));
        visit::visit_pat(self, pattern);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if let [.., list, _] = segments(path).as_slice() {
            let list = if list == "Self" { self.within } else { list };
            self.lists
                .extend(LISTS.contains(&list).then(|| list.to_owned()));
        }
    }
}

/// The module that defines what `path`, written in `module`, stands for; none for what is of another crate.
fn owner(
    modules: &Modules,
    module: &[String],
    path: &[String],
    depth: usize,
) -> Option<Vec<String>> {
    let (first, rest) = path.split_first()?;
    assert!(depth < 20, "{path:?} in {module:?} leads nowhere");
    match first.as_str() {
        "crate" => return within(modules, &[], rest, depth),
        "self" => return within(modules, module, rest, depth),
        "super" => return within_super(modules, module, rest, depth),
        _ => {}
    }
    let here = &modules[module];
    let child: Vec<String> = module.iter().chain([first]).cloned().collect();
    if modules.contains_key(&child) || here.defined.contains(first) {
        return within(modules, module, path, depth);
    }
    if let Some(from) = here.imported.get(first) {
        // A crate of another's.
        if from.len() == 1 && from[0] == *first {
            return None;
        }
        let full: Vec<String> = from.iter().chain(rest).cloned().collect();
        return owner(modules, module, &full, depth + 1);
    }
    let globs = here.globs.iter();
    globs
        .filter_map(|glob| {
            let full: Vec<String> = glob.iter().chain(path).cloned().collect();
            owner(modules, module, &full, depth + 1)
        })
        .next()
}

fn within_super(
    modules: &Modules,
    module: &[String],
    rest: &[String],
    depth: usize,
) -> Option<Vec<String>> {
    let above = &module[..module.len().saturating_sub(1)];
    match rest.split_first() {
        Some((next, after)) if next == "super" => within_super(modules, above, after, depth),
        _ => within(modules, above, rest, depth),
    }
}

/// The module that defines what `path` stands for, seen from the inside of `module`.
fn within(
    modules: &Modules,
    module: &[String],
    path: &[String],
    depth: usize,
) -> Option<Vec<String>> {
    let Some((first, rest)) = path.split_first() else {
        return Some(module.to_vec());
    };
    let child: Vec<String> = module.iter().chain([first]).cloned().collect();
    if modules.contains_key(&child) {
        return within(modules, &child, rest, depth);
    }
    let here = modules.get(module)?;
    if here.defined.contains(first) {
        return Some(module.to_vec());
    }
    let from = here.imported.get(first)?;
    let full: Vec<String> = from.iter().chain(rest).cloned().collect();
    owner(modules, module, &full, depth + 1)
}

/// For every module, the modules that it uses.
fn arrows(modules: &Modules) -> BTreeMap<Vec<String>, BTreeSet<Vec<String>>> {
    let of = |(path, module): (&Vec<String>, &Module)| {
        let owner = |used: &Vec<String>| owner(modules, path, used, 0);
        let imported = module.imported.iter();
        let imported = imported.filter_map(|(name, from)| {
            // What a module hands on from its own room it uses only where it names it.
            let is_handed_on = module.handed_on.contains(name);
            owner(from).filter(|from| !is_handed_on || from.first() != path.first())
        });
        let written = module.paths.iter().chain(&module.globs);
        let mut used: BTreeSet<Vec<String>> = written.filter_map(owner).chain(imported).collect();
        used.remove(path);
        (path.clone(), used)
    };
    modules.iter().map(of).collect()
}

/// The floor of every room, counted from the top.
fn floors() -> BTreeMap<String, usize> {
    let list = PLAN.split("```floors\n").nth(1).expect("a list of floors");
    let list = list.split("```").next().unwrap();
    let floor = |(number, line): (usize, &str)| {
        let rooms = line.split_whitespace().take_while(|word| *word != "--");
        rooms
            .map(|room| (room.to_owned(), number))
            .collect::<Vec<_>>()
    };
    list.lines().enumerate().flat_map(floor).collect()
}

#[test]
fn every_arrow_points_down() {
    let (modules, floors) = (modules(), floors());
    let mut upward = Vec::new();
    let mut rooms = BTreeSet::new();
    for (user, used) in arrows(&modules) {
        let Some(room) = user.first() else { continue };
        rooms.insert(room.clone());
        let floor = floors.get(room);
        let floor = floor.unwrap_or_else(|| panic!("{room} is on no floor of the plan"));
        for used in used {
            let Some(other) = used.first() else { continue };
            if other != room && floors[other] <= *floor {
                upward.push(format!("{} uses {}", user.join("::"), used.join("::")));
            }
        }
    }
    assert!(upward.is_empty(), "upward arrows:\n{}", upward.join("\n"));
    let planned: BTreeSet<String> = floors.into_keys().collect();
    assert_eq!(planned, rooms, "rooms of the plan, and those of src/");
}

#[test]
fn no_files_lean_on_each_other_in_a_circle() {
    let modules = modules();
    let arrows = arrows(&modules);
    // What each module reaches, by any number of arrows.
    let mut circles = BTreeSet::new();
    for start in arrows.keys() {
        let mut reached = BTreeSet::new();
        let mut next: Vec<&Vec<String>> = arrows[start].iter().collect();
        while let Some(module) = next.pop() {
            if reached.insert(module) {
                next.extend(&arrows[module]);
            }
        }
        if reached.contains(start) {
            circles.insert(modules[start].file.display().to_string());
        }
    }
    assert!(
        circles.is_empty(),
        "these files are in a circle: {circles:#?}"
    );
}

#[test]
fn a_type_name_stands_for_one_type() {
    let mut types: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for module in modules().into_values() {
        for name in module.types {
            let file = module.file.display().to_string();
            types.entry(name).or_default().push(file);
        }
    }
    types.retain(|_, files| files.len() > 1);
    assert!(types.is_empty(), "names of several types: {types:#?}");
}

#[test]
fn methods_stand_in_the_room_of_their_type() {
    let modules = modules();
    let mut astray = Vec::new();
    for (path, module) in &modules {
        for of in &module.extended {
            let home = owner(&modules, path, of, 0);
            if home.is_none_or(|home| home.first() != path.first()) {
                astray.push(format!("{}: {}", module.file.display(), of.join("::")));
            }
        }
    }
    assert!(astray.is_empty(), "methods astray: {astray:#?}");
}

#[test]
fn the_questions_and_the_nouns_touch_no_files_threads_or_terminal() {
    let impure = [
        "std::fs",
        "std::io",
        "std::net",
        "std::env",
        "std::time",
        "std::thread",
        "std::process",
        "rayon",
        "clap",
        "tempfile",
        "walkdir",
    ];
    let mut found = Vec::new();
    for (path, module) in modules() {
        let room = path.first().map_or("", String::as_str);
        if !matches!(room, "analysis" | "document" | "chance" | "text") {
            continue;
        }
        for used in module.imported.values().chain(&module.paths) {
            let used = used.join("::");
            if impure
                .iter()
                .any(|of| format!("{used}::").starts_with(&format!("{of}::")))
            {
                found.push(format!("{}: {used}", path.join("::")));
            }
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn every_entry_of_a_list_is_named() {
    let mut hidden = Vec::new();
    let mut types = BTreeSet::new();
    for module in modules().into_values() {
        let file = module.file.display();
        hidden.extend(module.hidden.iter().map(|list| format!("{file}: {list}")));
        types.extend(module.types);
    }
    assert!(
        hidden.is_empty(),
        "an arm for the rest of a list: {hidden:#?}"
    );
    let gone: Vec<_> = LISTS
        .iter()
        .filter(|list| !types.contains(**list))
        .collect();
    assert!(gone.is_empty(), "lists that are not there: {gone:?}");
}
