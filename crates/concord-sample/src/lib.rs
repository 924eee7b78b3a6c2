//! Synthetic submissions, valid or with labelled faults.
//!
//! | module | does |
//! |---|---|
//! | [`cds`] | realistic Commissioning Data Set interchanges that break no rule |
//! | [`faults`] | faults that break one named rule each, with labels |
//! | [`imaging`] | rows of the Diagnostic Imaging Data Set, labelled faults |
//! | [`instance`] | instances that are valid against any [`Schema`](concord_standards::schema::Schema): smallest, largest, random, covering |
//! | [`interchanges`] | EDIFACT: registrations and reports of practices, labelled faults |
//! | [`messages`] | HL7 v2 messages: what happens to many patients, event by event |
//! | [`practice`] | extracts of a practice system through months of change, and the state that they end in |
//! | [`resources`] | FHIR resources: patients and their encounters, labelled faults |
//! | [`mutate`] | one-change mutants of an instance |
//! | [`submissions`] | submissions of many tables that fit together, labelled faults and what follows from them |
//! | [`tables`] | rows of tabular standards that break no rule, sets that add up, labelled faults |
//! | [`tree`] | the small owned tree that both work on, and how it is written |
//! | [`value`] | values of simple types |
//! | [`dice`] | randomness that gives the same bytes for the same seed on every machine |
//!
//! ```
//! use std::collections::BTreeMap;
//!
//! use concord_sample::{Dice, instance::Generator, tree::Layout, value::Extent};
//!
//! let text = r#"<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
//!   <xs:element name="Count" type="xs:unsignedByte"/>
//! </xs:schema>"#;
//! let files = BTreeMap::from([("count.xsd".to_owned(), text.to_owned())]);
//! let schema = concord_standards::xsd::import(&files, "count.xsd")?;
//! let largest = Generator::new(&schema).instance(schema.roots[0], Extent::Largest, &mut Dice::new(7))?;
//! assert!(Layout::compact().write(&largest).ends_with("<Count>255</Count>"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Everything here is made up. NHS numbers come from the 999 range, which is never issued.

pub mod cds;
pub mod dice;
pub mod faults;
pub mod imaging;
pub mod instance;
pub mod interchanges;
pub mod messages;
pub mod mutate;
pub mod practice;
pub mod resources;
pub mod submissions;
pub mod tables;
pub mod tree;
pub mod value;

pub use dice::Dice;
