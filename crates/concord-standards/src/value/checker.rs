//! A compiled simple type.

use std::sync::Arc;

use crate::schema::{Builtin, Schema, SimpleTypeId, WhiteSpace};

use super::compile;
use super::error::ValueError;
use super::facets::CompiledFacets;
use super::fault::ValueFault;
use super::parsed::Parsed;
use super::white_space::{items, normalize};

/// A compiled simple type: cheap to clone, shared by threads.
#[derive(Debug, Clone)]
pub struct ValueChecker {
    pub(super) inner: Arc<Compiled>,
}

#[derive(Debug, Clone)]
pub(super) struct Compiled {
    pub(super) shape: Shape,
    pub(super) white_space: WhiteSpace,
    pub(super) facets: CompiledFacets,
}

/// What values are made of.
#[derive(Debug, Clone)]
pub(super) enum Shape {
    Atomic(Builtin),
    List {
        item: ValueChecker,
        /// Set for the built-in list types, whose lists are never empty.
        builtin: Option<Builtin>,
    },
    Union(Vec<ValueChecker>),
}

impl ValueChecker {
    /// Compiles the simple type `id`.
    ///
    /// # Errors
    /// [`ValueError`] when the type makes no sense (a bad pattern, a facet that it does not have, a bound that is not a
    /// value, facets that contradict or loosen) or needs a built-in type that is not supported.
    pub fn compile(schema: &Schema, id: SimpleTypeId) -> Result<Self, ValueError> {
        compile::compile(schema, id)
    }

    /// Whether `text` is a value of the type, and if not, the first thing that is wrong.
    ///
    /// `text` is that of the element or attribute before white space treatment.
    ///
    /// # Errors
    /// [`ValueFault`], which holds limits of the type and never the text.
    pub fn check(&self, text: &str) -> Result<(), ValueFault> {
        self.inner.check(text)
    }

    /// Whether two texts write the same value of the type (`1.0` and `01` as decimals), as a fixed value asks.
    ///
    /// Values of `QName` are compared as written. Text that is no value of the built-in type equals nothing.
    pub fn same_value(&self, text: &str, fixed: &str) -> bool {
        if text == fixed {
            return self.value(text).is_some();
        }
        match (self.value(text), self.value(fixed)) {
            (Some(left), Some(right)) => left.equals(&right),
            _ => false,
        }
    }

    /// Whether values are or hold names with prefixes (`QName`), which are right only where the prefixes are declared.
    pub fn holds_names(&self) -> bool {
        match &self.inner.shape {
            Shape::Atomic(builtin) => *builtin == Builtin::QName,
            Shape::List { item, .. } => item.holds_names(),
            Shape::Union(members) => members.iter().any(Self::holds_names),
        }
    }

    /// The first prefix in a value of the type that is not declared. A union takes the first of its members for which all
    /// are, as part 2, 3.2.18, makes a name without its namespace no value.
    pub fn undeclared<'t>(
        &self,
        value: &'t str,
        is_declared: &dyn Fn(&str) -> bool,
    ) -> Option<&'t str> {
        match &self.inner.shape {
            Shape::Atomic(Builtin::QName) => {
                let (prefix, _) = items(value).next()?.split_once(':')?;
                (!is_declared(prefix)).then_some(prefix)
            }
            Shape::Atomic(_) => None,
            Shape::List { item, .. } => {
                items(value).find_map(|value| item.undeclared(value, is_declared))
            }
            Shape::Union(members) => {
                let taking = members.iter().filter(|member| member.check(value).is_ok());
                let mut each = taking.map(|member| member.undeclared(value, is_declared));
                let first = each.next()??;
                each.all(|undeclared| undeclared.is_some()).then_some(first)
            }
        }
    }

    /// What happens to white space first. A union has none of its own: each member treats it in its way; `Preserve` stands here.
    pub fn white_space(&self) -> WhiteSpace {
        self.inner.white_space
    }

    /// The value that `text` writes, facets other than those of union members left aside.
    pub(super) fn value(&self, text: &str) -> Option<Parsed<'static>> {
        match &self.inner.shape {
            Shape::Atomic(builtin) => {
                let text = normalize(text, self.inner.white_space);
                Parsed::parse(*builtin, &text).map(Parsed::into_owned)
            }
            Shape::List { item, builtin } => items(text)
                .map(|text| item.value(text))
                .collect::<Option<Vec<_>>>()
                .filter(|values| builtin.is_none() || !values.is_empty())
                .map(Parsed::List),
            Shape::Union(members) => member_for(members, text)?.value(text),
        }
    }

    /// The treatment that the type, or the member of a union that takes the text, applies.
    fn white_space_for(&self, text: &str) -> WhiteSpace {
        match &self.inner.shape {
            Shape::Union(members) => member_for(members, text)
                .map_or(WhiteSpace::Preserve, |member| member.white_space_for(text)),
            _ => self.inner.white_space,
        }
    }
}

fn member_for<'a>(members: &'a [ValueChecker], text: &str) -> Option<&'a ValueChecker> {
    members.iter().find(|member| member.check(text).is_ok())
}

impl Compiled {
    pub(super) fn check(&self, text: &str) -> Result<(), ValueFault> {
        match &self.shape {
            Shape::Atomic(builtin) => self.check_atomic(*builtin, text),
            Shape::List { item, builtin } => self.check_list(item, *builtin, text),
            Shape::Union(members) => self.check_union(members, text),
        }
    }

    fn check_atomic(&self, builtin: Builtin, text: &str) -> Result<(), ValueFault> {
        let text = normalize(text, self.white_space);
        let value = Parsed::parse(builtin, &text).ok_or(ValueFault::NotOfType { builtin })?;
        let facets = &self.facets;
        if facets.needs_length() {
            match &value {
                // The length facets of QName restrict nothing (part 2 errata, section 4.3.1).
                Parsed::Text(Builtin::QName, _) => {}
                Parsed::Text(_, text) => facets.check_length(text.chars().count() as u64)?,
                Parsed::Octets(_, _, octets) => facets.check_length(*octets)?,
                _ => {}
            }
        }
        facets.check_patterns(&text)?;
        facets.check_digits(&value)?;
        facets.check_bounds(&value)?;
        facets.check_enumeration(&value)
    }

    fn check_list(
        &self,
        item: &ValueChecker,
        builtin: Option<Builtin>,
        text: &str,
    ) -> Result<(), ValueFault> {
        let mut count = 0;
        for text in items(text) {
            item.check(text).map_err(|fault| ValueFault::ListItem {
                index: count,
                fault: Box::new(fault),
            })?;
            count += 1;
        }
        if let Some(builtin) = builtin
            && count == 0
        {
            return Err(ValueFault::NotOfType { builtin });
        }
        self.facets.check_length(count as u64)?;
        if !self.facets.patterns.is_empty() {
            self.facets
                .check_patterns(&normalize(text, WhiteSpace::Collapse))?;
        }
        if self.facets.enumeration.is_some() {
            let value: Option<Vec<_>> = items(text).map(|text| item.value(text)).collect();
            let value = Parsed::List(value.ok_or(ValueFault::Enumeration)?);
            self.facets.check_enumeration(&value)?;
        }
        Ok(())
    }

    fn check_union(&self, members: &[ValueChecker], text: &str) -> Result<(), ValueFault> {
        let member = member_for(members, text).ok_or(ValueFault::NoUnionMember)?;
        if !self.facets.patterns.is_empty() {
            let text = normalize(text, member.white_space_for(text));
            self.facets.check_patterns(&text)?;
        }
        if self.facets.enumeration.is_some() {
            let value = member.value(text).ok_or(ValueFault::Enumeration)?;
            self.facets.check_enumeration(&value)?;
        }
        Ok(())
    }
}
