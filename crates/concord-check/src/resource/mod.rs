//! FHIR resources in JSON or XML: every value against the element that it is one of, where it stands.
//!
//! | module | does |
//! |---|---|
//! | `plan` | the types of a standard made ready: which member of an object is which element |
//! | `walk` | objects and arrays, forwards: elements that are unknown, missing, of another kind, there twice |
//! | `mistakes` | what is said of objects and members that are not as they should be |
//! | `value` | single values: how they are written, codes |
//! | `tell` | findings, and what of a value may be shown in them |
//! | `contained` | resources inside a resource, and references to them |
//! | `bundle` | entries of a bundle, their addresses, and references between them |
//! | `target` | what a reference refers to, as far as it says so itself |
//! | `narrative` | the XHTML of a narrative |
//! | `records` | the resources of a chunk, and what is no JSON |
//! | `said` | what identifiers, codes and times say together with what stands beside them |
//! | `xml` | resources in XML, read as the JSON of the same resources |
//! | `schema` | resources against a JSON Schema of the user's own, in place of types |
//! | `place` | where in a resource something stands: `Bundle.entry[3].resource.name[0].family` |
//! | `finish`, `pipeline` | chunks in order: lines, record numbers, the account |
//! | `single` | one resource at a time, for live feeds |
//!
//! Nothing is copied and no tree is built: a member is looked up by its name, its value is looked at where it stands.

mod bundle;
mod contained;
mod finish;
mod mistakes;
mod narrative;
mod pipeline;
mod place;
mod plan;
mod records;
mod said;
mod schema;
mod single;
mod target;
mod tell;
mod value;
mod walk;
mod xml;

pub use pipeline::{ResourceInput, check_resources};
pub use plan::ResourcePlan;
pub use schema::{OwnSchema, OwnSchemaError};
pub use single::{ResourceVerdict, check_resource};
pub use xml::{NAMESPACE, is_xml, json_of_xml};
