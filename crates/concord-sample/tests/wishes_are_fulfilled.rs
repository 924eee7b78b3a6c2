//! Instances in which something particular stands are valid, and trees are made to fit.

#![allow(clippy::print_stderr)] // what is skipped is said aloud

#[allow(dead_code)]
mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Cursor;
use std::ops::ControlFlow;
use std::sync::Arc;

use concord_check::capture::CapturePlan;
use concord_check::{CHUNK, NoRules, Options, Plan, check};
use concord_sample::Dice;
use concord_sample::instance::{Asked, Generator, InstanceError, Wish};
use concord_sample::tree::{Layout, Node};
use concord_sample::value::Extent;
use concord_standards::compile::CompiledSchema;
use concord_standards::schema::Schema;

const BATCH: &str = include_str!("../../../fixtures/hostile/batch.xsd");

fn schema(text: &str) -> Schema {
    let files = BTreeMap::from([("test.xsd".to_owned(), text.to_owned())]);
    concord_standards::xsd::import(&files, "test.xsd").expect("the XSD is understood")
}

/// What the checker says.
struct Judge(Plan);

impl Judge {
    fn new(schema: &Schema) -> Self {
        let compiled = CompiledSchema::compile(Arc::new(schema.clone())).expect("it is compiled");
        Self(Plan::new(
            Arc::new(compiled),
            Vec::new(),
            CapturePlan::default(),
            Vec::new(),
        ))
    }

    fn told(&self, tree: &Node) -> Vec<String> {
        let text = Layout::default().write(tree);
        let file: Arc<str> = Arc::from("test.xml");
        let chunks = concord_read::xml::Chunks::new(
            Cursor::new(text.as_bytes()),
            Arc::clone(&file),
            CHUNK,
            self.0.limits.record_size,
        );
        let mut told = Vec::new();
        check(
            chunks,
            &file,
            None,
            &self.0,
            &NoRules,
            Options::default(),
            &mut |finding| {
                if finding.effect.is_reject() {
                    let path = finding.path.as_deref().unwrap_or("");
                    told.push(format!("{} {path}", finding.rule.id));
                }
                ControlFlow::Continue(())
            },
        );
        told
    }
}

/// Paths of everything that stands in a tree, attributes included.
fn paths(tree: &Node) -> BTreeSet<Vec<Arc<str>>> {
    let mut paths = BTreeSet::new();
    for place in tree.places() {
        let mut path: Vec<Arc<str>> = Vec::new();
        for end in 0..=place.len() {
            path.push(
                tree.at(&place[..end])
                    .expect("a place of the tree")
                    .name
                    .local
                    .clone(),
            );
        }
        for (name, _) in &tree.at(&place).expect("a place of the tree").attributes {
            if name.namespace.is_empty() {
                let mut attribute = path.clone();
                attribute.push(format!("@{}", name.local).into());
                paths.insert(attribute);
            }
        }
        paths.insert(path);
    }
    paths
}

/// Every path that instances of a schema have.
fn known(schema: &Schema) -> (Vec<Node>, BTreeSet<Vec<Arc<str>>>) {
    let mut generator = Generator::new(schema);
    let mut dice = Dice::new(3);
    let mut trees = Vec::new();
    while generator.uncovered() > 0 && trees.len() < 400 {
        trees.push(generator.covering(&mut dice).expect("an instance"));
    }
    let all = trees.iter().flat_map(paths).collect();
    (trees, all)
}

fn every_path_can_be_had(schema: &Schema, most: usize) {
    let judge = Judge::new(schema);
    let (trees, all) = known(schema);
    let mut generator = Generator::new(schema);
    let mut dice = Dice::new(5);
    let (mut made, mut refused) = (0, 0);
    let step = (all.len() / most).max(1);
    for path in all.iter().step_by(step).filter(|path| path.len() > 1) {
        let starts = [None, trees.first(), trees.last()];
        for start in starts {
            let start = start.filter(|start| start.name.local == path[0]);
            let mut wish = Wish {
                path: path.clone(),
                what: Asked::Present,
            };
            match generator.fulfilling(start, &wish, Extent::Smallest, &mut dice) {
                Ok(tree) => {
                    assert_eq!(judge.told(&tree), Vec::<String>::new(), "{path:?}");
                    assert!(paths(&tree).contains(path), "{path:?}");
                    made += 1;
                }
                // Below a type that `xsi:type` names, it needs a start that names it.
                Err(InstanceError::NoPlace(_))
                    if start.is_none_or(|start| !paths(start).contains(path)) =>
                {
                    refused += 1;
                }
                Err(error) => panic!("{path:?}: {error}"),
            }
            wish.what = Asked::Absent;
            match generator.fulfilling(start, &wish, Extent::Smallest, &mut dice) {
                Ok(tree) => {
                    assert_eq!(judge.told(&tree), Vec::<String>::new(), "{path:?}");
                    made += 1;
                }
                Err(InstanceError::Required(_) | InstanceError::NoPlace(_)) => refused += 1,
                Err(error) => panic!("{path:?}: {error}"),
            }
        }
    }
    eprintln!(
        "{} paths, {made} wishes fulfilled, {refused} cannot be",
        all.len()
    );
    assert!(made > refused);
}

#[test]
fn every_path_of_a_structure_with_everything_can_be_had() {
    every_path_can_be_had(&schema(BATCH), usize::MAX);
}

#[test]
fn every_path_of_the_shipped_structures_can_be_had() {
    let registry = common::shipped();
    for name in ["cds@6-2-3", "cds@6-3-1"] {
        every_path_can_be_had(&registry.load(name).expect("shipped").schema, 150);
    }
}

#[test]
fn what_fits_stays_as_it_is() {
    let schema = schema(BATCH);
    let judge = Judge::new(&schema);
    let (trees, _) = known(&schema);
    let mut generator = Generator::new(&schema);
    let mut dice = Dice::new(5);
    for tree in &trees {
        let read = Node::read(&Layout::default().write(tree)).expect("a document");
        let fitted = generator.fitted(&read, None, &mut dice).expect("it fits");
        assert_eq!(judge.told(&fitted), Vec::<String>::new());
        assert_eq!(paths(&fitted), paths(tree));
        assert_eq!(fitted.size(), tree.size());
    }
}

const SMALL: &str = r#"<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
  <xs:element name="Stay"><xs:complexType><xs:sequence>
    <xs:element name="Start" type="xs:date"/>
    <xs:choice minOccurs="0">
      <xs:element name="End" type="xs:date"/>
      <xs:sequence><xs:element name="Reason" type="xs:token"/><xs:element name="Until" type="xs:date" minOccurs="0"/></xs:sequence>
    </xs:choice>
    <xs:element name="Ward" type="xs:token" minOccurs="0" maxOccurs="3"/>
  </xs:sequence><xs:attribute name="kind" type="xs:NMTOKEN" use="required" fixed="new"/></xs:complexType></xs:element>
</xs:schema>"#;

fn wish(path: &str, what: Asked) -> Wish {
    Wish {
        path: path.split('/').map(Arc::from).collect(),
        what,
    }
}

fn shown(tree: &Node) -> String {
    let layout = Layout {
        indent: None,
        declaration: String::new(),
        ..Layout::default()
    };
    layout.write(tree)
}

fn texts(names: &[&str]) -> Vec<Arc<str>> {
    names.iter().map(|name| Arc::from(*name)).collect()
}

#[test]
fn what_is_asked_for_is_put_there_and_the_rest_stays() {
    let schema = schema(SMALL);
    let mut generator = Generator::new(&schema);
    let mut dice = Dice::new(1);
    let start = Node::read(
        "<Stay kind=\"new\"><Start>2025-04-01</Start><End>2025-04-02</End><Ward>A</Ward><Ward>B</Ward></Stay>",
    )
    .expect("a document");
    let mut make = |path: &str, what: Asked| {
        let made =
            generator.fulfilling(Some(&start), &wish(path, what), Extent::Smallest, &mut dice);
        made.map_or_else(|error| error.to_string(), |tree| shown(&tree))
    };
    let rest = "<Ward>A</Ward><Ward>B</Ward></Stay>";
    let begin = "<Stay kind=\"new\"><Start>2025-04-01</Start>";
    assert_eq!(
        make("Stay/End", Asked::Text("x".to_owned())),
        format!("{begin}<End>x</End>{rest}")
    );
    let other = make("Stay/Until", Asked::Text("2025-05-05".to_owned()));
    assert!(other.starts_with(&format!("{begin}<Reason/>")), "{other}");
    assert!(
        other.ends_with(&format!("<Until>2025-05-05</Until>{rest}")),
        "{other}"
    );
    assert_eq!(make("Stay/End", Asked::Absent), format!("{begin}{rest}"));
    assert_eq!(make("Stay/Start", Asked::Absent), "Start must stand there");
    assert_eq!(make("Stay/@kind", Asked::Absent), "kind must stand there");
    assert_eq!(make("Stay/Bed", Asked::Present), "Bed cannot stand there");
    assert_eq!(
        make("Stay", Asked::Children(texts(&["Ward", "Start"]))),
        "<Stay kind=\"new\"><Ward>A</Ward><Start>2025-04-01</Start></Stay>"
    );
}

#[test]
fn a_tree_of_another_structure_is_made_to_fit_but_for_what_it_shows() {
    let schema = schema(SMALL);
    let mut generator = Generator::new(&schema);
    let mut dice = Dice::new(1);
    let mut fit = |text: &str, except: Option<Wish>| {
        let tree = Node::read(text).expect("a document");
        shown(
            &generator
                .fitted(&tree, except.as_ref(), &mut dice)
                .expect("it fits"),
        )
    };
    let old = "<Stay xmlns=\"urn:old\" kind=\"old\"><Bed>7</Bed><Start>2025-04-01</Start><Note>n</Note><Ward>A</Ward></Stay>";
    let fitted = "<Stay kind=\"new\"><Start>2025-04-01</Start><Ward>A</Ward></Stay>";
    assert_eq!(fit(old, None), fitted);
    assert_eq!(
        fit(old, Some(wish("Stay/Note", Asked::Present))),
        "<Stay kind=\"new\"><Start>2025-04-01</Start><Note xmlns=\"urn:old\">n</Note><Ward>A</Ward></Stay>"
    );
    assert_eq!(
        fit(old, Some(wish("Stay/@kind", Asked::Text("old".to_owned())))),
        fitted.replace("new", "old")
    );
    assert_eq!(
        fit(
            "<Stay kind=\"new\"><Ward>A</Ward></Stay>",
            Some(wish("Stay/Start", Asked::Absent))
        ),
        "<Stay kind=\"new\"><Ward>A</Ward></Stay>"
    );
    assert!(fit("<Stay><Ward>A</Ward></Stay>", None).contains("<Start>"));
}
