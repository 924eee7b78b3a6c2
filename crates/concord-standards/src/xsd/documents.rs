//! The files of a schema: the root file and all that it includes and imports.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use super::derivation_set::{Finals, blocks, finals};
use super::error::{Errors, XsdError};
use super::grammar_check;
use super::location::join;
use super::names::{XML_NAMESPACE, XSD_NAMESPACE, XSI_NAMESPACE};
use super::tree::{self, Node};
use crate::Source;
use crate::schema::{DerivationSet, Origin};

/// More files than this are refused.
const MAX_FILES: usize = 1000;

/// One file, as the schema of one namespace.
#[derive(Debug)]
pub(super) struct Document {
    /// Path inside the source, on the way on which it was reached first.
    pub(super) file: Arc<str>,
    /// What the source knows this file by, whichever way leads to it.
    identity: String,
    /// The namespace that it defines: its own, or for a file without one that of the file that includes it.
    pub(super) namespace: Arc<str>,
    /// Whether names without a namespace mean [`Document::namespace`], because the file has taken on the namespace of
    /// the file that includes it (part 1, 4.2.1).
    pub(super) chameleon: bool,
    /// Its `xs:schema`.
    pub(super) root: Node,
    /// Namespaces that it imports.
    pub(super) imports: BTreeSet<Arc<str>>,
    /// Local elements are in the namespace unless they say otherwise.
    pub(super) elements_qualified: bool,
    /// Local attributes are in the namespace unless they say otherwise.
    pub(super) attributes_qualified: bool,
    /// `blockDefault`.
    pub(super) block: DerivationSet,
    /// `finalDefault`.
    pub(super) finals: Finals,
}

/// All files of a schema.
#[derive(Debug, Default)]
pub(super) struct Documents {
    /// The files in the order in which they are reached, the root file first.
    pub(super) all: Vec<Document>,
    /// Why files of an imported namespace are missing, for the message when a reference needs one.
    pub(super) missing: BTreeMap<Arc<str>, String>,
}

struct Request {
    path: String,
    /// The namespace that the file must have: `None` for the root file.
    expected: Option<Expected>,
    asked_at: Option<Origin>,
}

struct Expected {
    namespace: Arc<str>,
    included: bool,
}

/// Reads the root file and everything that it leads to.
pub(super) fn load(source: &dyn Source, path: &str, errors: &mut Errors) -> Documents {
    let mut documents = Documents::default();
    let mut seen: BTreeSet<(String, Option<Arc<str>>)> = BTreeSet::new();
    let mut waiting = VecDeque::from([Request {
        path: path.to_owned(),
        expected: None,
        asked_at: None,
    }]);
    while let Some(request) = waiting.pop_front() {
        let wanted = request
            .expected
            .as_ref()
            .map(|expected| Arc::clone(&expected.namespace));
        if !seen.insert((source.identity(&request.path), wanted)) {
            continue;
        }
        if documents.all.len() >= MAX_FILES {
            let origin = request.asked_at.unwrap_or_default();
            errors.at(
                &origin,
                format!("the schema has more than {MAX_FILES} files"),
            );
            break;
        }
        let Some(document) = open(source, &request, &mut documents, errors) else {
            continue;
        };
        // The root file may include one that includes it again: it is then asked for with its namespace.
        let known = documents.all.iter().any(|known| {
            known.identity == document.identity && known.namespace == document.namespace
        });
        if known {
            continue;
        }
        follow(&document, &mut waiting, &mut documents.missing, errors);
        documents.all.push(document);
    }
    documents
}

fn open(
    source: &dyn Source,
    request: &Request,
    documents: &mut Documents,
    errors: &mut Errors,
) -> Option<Document> {
    let file: Arc<str> = request.path.as_str().into();
    let text = match source.read(&request.path) {
        Ok(text) => text,
        Err(problem) => {
            match (&request.asked_at, &request.expected) {
                (Some(_), Some(expected)) if !expected.included => {
                    documents
                        .missing
                        .insert(Arc::clone(&expected.namespace), problem.to_string());
                }
                (asked_at, _) => {
                    let origin = asked_at.clone().unwrap_or(Origin { file, line: 0 });
                    let help = if problem.is_missing() {
                        ": put the file there, beside the others"
                    } else {
                        ""
                    };
                    errors.at(&origin, format!("{problem}{help}"));
                }
            }
            return None;
        }
    };
    let root = match tree::read(&file, &text) {
        Ok(root) => root,
        Err(XsdError {
            file,
            line,
            message,
        }) => {
            errors.at(
                &Origin {
                    file: file.into(),
                    line,
                },
                message,
            );
            return None;
        }
    };
    grammar_check::check(&root, errors);
    let own: Arc<str> = root.get("targetNamespace").unwrap_or("").into();
    if matches!(&*own, XSD_NAMESPACE | XSI_NAMESPACE | XML_NAMESPACE) {
        errors.at(
            &root.origin,
            format!("a schema for the namespace {own} is not supported: its names are built in"),
        );
        return None;
    }
    let mut chameleon = false;
    let mut namespace = own;
    if let Some(expected) = &request.expected
        && expected.namespace != namespace
    {
        if expected.included && namespace.is_empty() {
            chameleon = true;
            namespace = Arc::clone(&expected.namespace);
        } else {
            let origin = request.asked_at.clone().unwrap_or_default();
            errors.at(
                &origin,
                format!(
                    "{file} defines {}, not {}",
                    shown(&namespace),
                    shown(&expected.namespace)
                ),
            );
            return None;
        }
    }
    Some(Document {
        imports: root
            .parts()
            .filter(|part| &*part.name == "import")
            .map(|part| part.get("namespace").unwrap_or("").into())
            .collect(),
        elements_qualified: root.get("elementFormDefault") == Some("qualified"),
        attributes_qualified: root.get("attributeFormDefault") == Some("qualified"),
        block: blocks(root.get("blockDefault")).unwrap_or_default(),
        finals: finals(root.get("finalDefault")).unwrap_or_default(),
        identity: source.identity(&request.path),
        file,
        namespace,
        chameleon,
        root,
    })
}

/// Asks for the files that a file includes and imports.
fn follow(
    document: &Document,
    waiting: &mut VecDeque<Request>,
    missing: &mut BTreeMap<Arc<str>, String>,
    errors: &mut Errors,
) {
    for part in document.root.parts() {
        let location = part.get("schemaLocation");
        match &*part.name {
            "include" => {
                if let Some(location) = location {
                    waiting.push_back(Request {
                        path: join(&document.file, location),
                        expected: Some(Expected {
                            namespace: Arc::clone(&document.namespace),
                            included: true,
                        }),
                        asked_at: Some(part.origin.clone()),
                    });
                }
            }
            "import" => {
                let namespace: Arc<str> = part.get("namespace").unwrap_or("").into();
                if namespace == document.namespace {
                    errors.at(
                        &part.origin,
                        format!(
                            "xs:import of {}, which is this file's own: use xs:include",
                            shown(&namespace)
                        ),
                    );
                } else if matches!(&*namespace, XSD_NAMESPACE | XML_NAMESPACE) {
                    // Built in: the file that the location names could say nothing else.
                } else if let Some(location) = location {
                    waiting.push_back(Request {
                        path: join(&document.file, location),
                        expected: Some(Expected {
                            namespace,
                            included: false,
                        }),
                        asked_at: Some(part.origin.clone()),
                    });
                } else {
                    missing.entry(namespace).or_insert_with(|| {
                        format!(
                            "the xs:import in line {} of {} has no schemaLocation",
                            part.origin.line, part.origin.file
                        )
                    });
                }
            }
            _ => {}
        }
    }
}

/// A namespace for messages.
pub(super) fn shown(namespace: &str) -> String {
    if namespace.is_empty() {
        "no namespace".to_owned()
    } else {
        format!("the namespace {namespace}")
    }
}
