//! What may stand in the columns of tables: formats in dictionary notation and code lists as simple types.
//!
//! A format in a table says all that there is to say, where the format of an XML element comes with a base type. So a day is
//! exactly `CCYY-MM-DD`, without the time zone that `xs:date` takes; `max n18.max n8` is digits, a point and digits, without
//! a plus sign; `max n4` is a whole number; and `n10`, which never varies in length, names something and is text.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::codes::CodeList;
use super::format::{self, Format};
use super::structure::XML_SCHEMA;
use crate::schema::{Builtin, Facets, Origin, QName, Schema, SimpleType, SimpleTypeId, Variety};

/// The simple types of a set of columns. Columns of one format and code list share theirs.
#[derive(Default)]
pub(super) struct Values {
    types: Vec<SimpleType>,
    builtins: BTreeMap<Builtin, SimpleTypeId>,
    known: BTreeMap<(String, Option<Arc<str>>), SimpleTypeId>,
}

impl Values {
    /// The type of a column. An empty format does not restrict.
    pub(super) fn value(
        &mut self,
        format: &str,
        codes: Option<&CodeList>,
        origin: &Origin,
    ) -> SimpleTypeId {
        let key = (format.to_owned(), codes.map(|list| Arc::clone(&list.id)));
        if let Some(id) = self.known.get(&key) {
            return *id;
        }
        let parsed = format::parse(format);
        let builtin = match parsed {
            Some(_) if codes.is_some() => Builtin::String,
            Some(format) => base_of(format),
            None => Builtin::String,
        };
        let mut facets = parsed
            .map(|format| facets(format, builtin, codes.is_some()))
            .unwrap_or_default();
        if let Some(list) = codes {
            facets.enumeration = list
                .codes
                .iter()
                .map(|code| code.code.to_string())
                .collect();
        }
        let base = self.builtin(builtin, origin);
        let id = self.push(SimpleType {
            name: None,
            variety: Variety::Atomic(builtin),
            steps: vec![facets],
            base: Some(base),
            code_list: codes.map(|list| Arc::clone(&list.id)),
            format: Some(format)
                .filter(|format| !format.is_empty())
                .map(Arc::from),
            origin: origin.clone(),
        });
        self.known.insert(key, id);
        id
    }

    /// Puts the types into a structure that has none.
    pub(super) fn into_schema(self, schema: &mut Schema) {
        schema.simple_types = self.types;
    }

    fn builtin(&mut self, builtin: Builtin, origin: &Origin) -> SimpleTypeId {
        if let Some(id) = self.builtins.get(&builtin) {
            return *id;
        }
        let id = self.push(SimpleType {
            name: Some(QName::new(XML_SCHEMA, builtin.name())),
            variety: Variety::Atomic(builtin),
            steps: Vec::new(),
            base: None,
            code_list: None,
            format: None,
            origin: origin.clone(),
        });
        self.builtins.insert(builtin, id);
        id
    }

    fn push(&mut self, simple: SimpleType) -> SimpleTypeId {
        let id = SimpleTypeId(self.types.len() as u32);
        self.types.push(simple);
        id
    }
}

/// The built-in type of a column of this format.
fn base_of(format: Format) -> Builtin {
    match format {
        // An amount has any number of digits up to the most; what has a fixed or a least number of them is an identifier.
        Format::Digits { length, signed } if signed || length.least().is_none() => Builtin::Integer,
        _ => format::base_of(format),
    }
}

fn facets(format: Format, builtin: Builtin, with_codes: bool) -> Facets {
    let mut facets = format::implied(format, builtin, with_codes).unwrap_or_default();
    if with_codes {
        return facets;
    }
    let sign = |signed: bool| if signed { "-?" } else { "" };
    match format {
        Format::Digits { length, signed } if builtin == Builtin::Integer => {
            let digits = format!("{}[0-9]{{1,{}}}", sign(signed), length.most());
            facets.patterns = vec![digits];
        }
        Format::Decimal {
            whole,
            fraction,
            signed,
        } => {
            let sign = sign(signed);
            facets.patterns = vec![format!(
                "{sign}[0-9]{{1,{whole}}}(\\.[0-9]{{1,{fraction}}})?"
            )];
        }
        Format::Picture(Builtin::Date) => {
            facets.patterns = vec!["[0-9]{4}-[0-9]{2}-[0-9]{2}".to_owned()];
        }
        Format::Picture(Builtin::Time) => {
            facets.patterns = vec!["[0-9]{2}:[0-9]{2}:[0-9]{2}".to_owned()];
        }
        Format::Picture(Builtin::DateTime) => {
            facets.patterns =
                vec!["[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}".to_owned()];
        }
        _ => {}
    }
    facets
}
