//! The house holds the plan of docs/ARCHITECTURE.md: every arrow points down, no files lean on each other in a circle, a
//! type name stands for one type, and no `_` hides a forgotten entry of a list.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use syn::visit::{self, Visit};
use syn::{Attribute, Item, UseTree};

/// The page with the list of floors, from the top to the ground.
const PLAN: &str = include_str!("../docs/ARCHITECTURE.md");

/// The lists whose entries a `match` must name, so that the compiler asks for a new one.
const LISTS: [&str; 8] = [
    "InputFormat",
    "Content",
    "Records",
    "ReportFormat",
    "ReportFiles",
    "Table",
    "WorkbookTable",
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
    /// Matches over a list that have an arm `_`.
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
                        proc_macro2::TokenTree::Ident(ident) => Some(ident.to_string()),
                        _ => None,
                    })
                    .next();
                self.types.extend(list.clone());
                self.defined.extend(list);
            }
            Item::Impl(of) => {
                if let syn::Type::Path(path) = &*of.self_ty {
                    self.within = path.path.segments.last().unwrap().ident.to_string();
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
        let segments = path.segments.iter();
        let segments: Vec<String> = segments.map(|of| of.ident.to_string()).collect();
        if path.leading_colon.is_none() {
            self.paths.push(segments);
        }
        visit::visit_path(self, path);
    }

    fn visit_expr_match(&mut self, expression: &'ast syn::ExprMatch) {
        let mut named = Entries {
            within: &self.within,
            lists: BTreeSet::new(),
        };
        for arm in &expression.arms {
            named.visit_pat(&arm.pat);
        }
        let is_hiding = expression
            .arms
            .iter()
            .any(|arm| matches!(arm.pat, syn::Pat::Wild(_)));
        if is_hiding {
            self.hidden.extend(named.lists);
        }
        visit::visit_expr_match(self, expression);
    }
}

/// The lists of which a pattern names entries.
struct Entries<'a> {
    within: &'a str,
    lists: BTreeSet<String>,
}

impl<'ast> Visit<'ast> for Entries<'_> {
    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments: Vec<String> = path.segments.iter().map(|s| s.ident.to_string()).collect();
        if let [.., list, _] = segments.as_slice() {
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
        // What a module hands on it uses only where it names it.
        let imported = module.imported.iter();
        let imported = imported.filter(|(name, _)| !module.handed_on.contains(*name));
        let written = module.paths.iter().chain(imported.map(|(_, path)| path));
        let written = written.chain(&module.globs);
        let mut used: BTreeSet<Vec<String>> = written
            .filter_map(|used| owner(modules, path, used, 0))
            .collect();
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
fn no_match_over_a_list_hides_a_forgotten_entry() {
    let hidden: Vec<String> = modules()
        .into_values()
        .flat_map(|module| {
            let file = module.file.display().to_string();
            module
                .hidden
                .into_iter()
                .map(move |list| format!("{file}: {list}"))
        })
        .collect();
    assert!(hidden.is_empty(), "`_` over a list: {hidden:#?}");
}
