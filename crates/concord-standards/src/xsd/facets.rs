//! Facets: which may stand on which type, and that a step narrows what stood before (part 2, 4.3).

use std::collections::BTreeMap;

use super::builder::Builder;
use super::grammar::FACET_NAMES;
use super::site::Site;
use crate::schema::{Builtin, Facets, SimpleTypeId, Variety, WhiteSpace};

type Fixed = BTreeMap<&'static str, String>;

impl<'a> Builder<'a> {
    /// The facets that stand in a restriction of `base`, and all that are fixed from now on.
    pub(super) fn facets(&mut self, part: Site<'a>, base: SimpleTypeId) -> Option<(Facets, Fixed)> {
        let mut step = Facets::default();
        let mut fixed = self.simple[base.0 as usize].fixed.clone();
        let mut good = true;
        for site in part.parts() {
            let Some(name) = FACET_NAMES.iter().find(|name| **name == site.kind()) else {
                continue;
            };
            if let Err(message) = self.facet(site, name, base, &mut step, &mut fixed) {
                self.errors.at(&site.node.origin, message);
                good = false;
            }
        }
        if let Err(message) = self.narrows(base, &step) {
            return self.fail(part, message);
        }
        good.then_some((step, fixed))
    }

    fn facet(
        &self,
        site: Site<'a>,
        name: &'static str,
        base: SimpleTypeId,
        step: &mut Facets,
        fixed: &mut Fixed,
    ) -> Result<(), String> {
        let variety = &self.schema.simple_type(base).variety;
        if !applies(name, variety) {
            return Err(format!(
                "the facet {name} does not apply to {}",
                describe(variety)
            ));
        }
        let raw = site.node.raw("value").unwrap_or("");
        let value = site.node.get("value").unwrap_or("");
        let twice = |set: bool| {
            if set {
                Err(format!("the facet {name} stands twice in one restriction"))
            } else {
                Ok(())
            }
        };
        match name {
            "pattern" => step.patterns.push(raw.to_owned()),
            "enumeration" => {
                if matches!(variety, Variety::Atomic(Builtin::QName)) {
                    return Err("enumeration of xs:QName is not supported: its prefixes would have to be resolved in the data".to_owned());
                }
                step.enumeration.push(raw.to_owned());
            }
            "length" => {
                twice(step.length.is_some())?;
                step.length = Some(number(value)?);
            }
            "minLength" => {
                twice(step.min_length.is_some())?;
                step.min_length = Some(number(value)?);
            }
            "maxLength" => {
                twice(step.max_length.is_some())?;
                step.max_length = Some(number(value)?);
            }
            "totalDigits" => {
                twice(step.total_digits.is_some())?;
                let digits = number(value)?;
                if digits == 0 {
                    return Err("totalDigits must be at least 1".to_owned());
                }
                step.total_digits = Some(digits);
            }
            "fractionDigits" => {
                twice(step.fraction_digits.is_some())?;
                step.fraction_digits = Some(number(value)?);
            }
            "whiteSpace" => {
                twice(step.white_space.is_some())?;
                step.white_space = Some(match value {
                    "preserve" => WhiteSpace::Preserve,
                    "replace" => WhiteSpace::Replace,
                    _ => WhiteSpace::Collapse,
                });
            }
            _ => {
                let limit = match name {
                    "minInclusive" => &mut step.min_inclusive,
                    "minExclusive" => &mut step.min_exclusive,
                    "maxInclusive" => &mut step.max_inclusive,
                    _ => &mut step.max_exclusive,
                };
                twice(limit.is_some())?;
                *limit = Some(value.to_owned());
            }
        }
        if let Some(before) = fixed.get(name)
            && !same_value(before, value)
        {
            return Err(format!("{name} is fixed to {before} by the base type"));
        }
        if site.node.flag("fixed") {
            fixed.insert(name, value.to_owned());
        }
        Ok(())
    }

    /// Whether a step is consistent in itself and narrows what its base says.
    fn narrows(&self, base: SimpleTypeId, step: &Facets) -> Result<(), String> {
        let base_type = self.schema.simple_type(base);
        let before = |get: fn(&Facets) -> Option<u64>| base_type.steps.iter().rev().find_map(get);
        let length = step.length.or(before(|facets| facets.length));
        let base_length = before(|facets| facets.length);
        let base_least = before(|facets| facets.min_length);
        let base_most = before(|facets| facets.max_length);
        let least = step.min_length.or(base_least);
        let most = step.max_length.or(base_most);
        if let (Some(own), Some(base)) = (step.length, base_length)
            && own != base
        {
            return Err(format!("length {own} differs from the base type's {base}"));
        }
        if step.length.is_some() && (step.min_length.is_some() || step.max_length.is_some()) {
            return Err("length must not stand beside minLength or maxLength".to_owned());
        }
        at_least("minLength", step.min_length, base_least)?;
        at_most("maxLength", step.max_length, base_most)?;
        if let (Some(least), Some(most)) = (least, most)
            && least > most
        {
            return Err(format!(
                "minLength {least} is greater than maxLength {most}"
            ));
        }
        if let Some(length) = length
            && (least.is_some_and(|least| length < least) || most.is_some_and(|most| length > most))
        {
            return Err(format!(
                "length {length} lies outside minLength and maxLength"
            ));
        }
        let digits = before(|facets| facets.total_digits.map(u64::from));
        at_most("totalDigits", step.total_digits.map(u64::from), digits)?;
        let mut fraction = before(|facets| facets.fraction_digits.map(u64::from));
        if let Variety::Atomic(builtin) = base_type.variety
            && builtin != Builtin::Decimal
        {
            fraction = Some(0);
        }
        at_most(
            "fractionDigits",
            step.fraction_digits.map(u64::from),
            fraction,
        )?;
        let total = step.total_digits.map(u64::from).or(digits);
        if let (Some(fraction), Some(total)) =
            (step.fraction_digits.map(u64::from).or(fraction), total)
            && fraction > total
        {
            return Err(format!(
                "fractionDigits {fraction} is greater than totalDigits {total}"
            ));
        }
        if step.min_inclusive.is_some() && step.min_exclusive.is_some() {
            return Err("minInclusive must not stand beside minExclusive".to_owned());
        }
        if step.max_inclusive.is_some() && step.max_exclusive.is_some() {
            return Err("maxInclusive must not stand beside maxExclusive".to_owned());
        }
        let white = base_type
            .steps
            .iter()
            .rev()
            .find_map(|facets| facets.white_space)
            .unwrap_or(built_in_white_space(&base_type.variety));
        if step.white_space.is_some_and(|own| own < white) {
            return Err("whiteSpace must not keep more than the base type keeps".to_owned());
        }
        Ok(())
    }
}

fn at_least(name: &str, own: Option<u64>, base: Option<u64>) -> Result<(), String> {
    match (own, base) {
        (Some(own), Some(base)) if own < base => {
            Err(format!("{name} {own} is less than the base type's {base}"))
        }
        _ => Ok(()),
    }
}

fn at_most(name: &str, own: Option<u64>, base: Option<u64>) -> Result<(), String> {
    match (own, base) {
        (Some(own), Some(base)) if own > base => Err(format!(
            "{name} {own} is greater than the base type's {base}"
        )),
        _ => Ok(()),
    }
}

fn number<T: std::str::FromStr>(value: &str) -> Result<T, String> {
    value
        .parse()
        .map_err(|_| format!("{value} is greater than what is supported"))
}

/// Whether two values of a fixed facet are the same: as numbers when they are, else as texts.
fn same_value(one: &str, other: &str) -> bool {
    match (one.parse::<u64>(), other.parse::<u64>()) {
        (Ok(one), Ok(other)) => one == other,
        _ => one == other,
    }
}

/// Which facets apply to which types (part 2, 4.1.5).
fn applies(facet: &str, variety: &Variety) -> bool {
    let length = matches!(facet, "length" | "minLength" | "maxLength");
    let always = matches!(facet, "pattern" | "whiteSpace");
    let listed = facet == "enumeration";
    let range = matches!(
        facet,
        "minInclusive" | "minExclusive" | "maxInclusive" | "maxExclusive"
    );
    match variety {
        Variety::List(_) | Variety::Atomic(Builtin::NmTokens) => length || always || listed,
        Variety::Union(_) => facet == "pattern" || listed,
        Variety::Atomic(Builtin::Boolean) => always,
        Variety::Atomic(builtin) if has_length(*builtin) => length || always || listed,
        Variety::Atomic(builtin) if is_decimal(*builtin) => {
            always || listed || range || matches!(facet, "totalDigits" | "fractionDigits")
        }
        Variety::Atomic(_) => always || listed || range,
    }
}

fn has_length(builtin: Builtin) -> bool {
    use Builtin as B;
    matches!(
        builtin,
        B::String
            | B::NormalizedString
            | B::Token
            | B::Language
            | B::Name
            | B::NcName
            | B::NmToken
            | B::HexBinary
            | B::Base64Binary
            | B::AnyUri
            | B::QName
    )
}

fn is_decimal(builtin: Builtin) -> bool {
    use Builtin as B;
    matches!(
        builtin,
        B::Decimal
            | B::Integer
            | B::NonPositiveInteger
            | B::NegativeInteger
            | B::NonNegativeInteger
            | B::PositiveInteger
            | B::Long
            | B::Int
            | B::Short
            | B::Byte
            | B::UnsignedLong
            | B::UnsignedInt
            | B::UnsignedShort
            | B::UnsignedByte
    )
}

fn built_in_white_space(variety: &Variety) -> WhiteSpace {
    match variety {
        Variety::Atomic(Builtin::String | Builtin::AnySimpleType) => WhiteSpace::Preserve,
        Variety::Atomic(Builtin::NormalizedString) => WhiteSpace::Replace,
        _ => WhiteSpace::Collapse,
    }
}

fn describe(variety: &Variety) -> String {
    match variety {
        Variety::Atomic(builtin) => format!("xs:{}", builtin.name()),
        Variety::List(_) => "lists".to_owned(),
        Variety::Union(_) => "unions".to_owned(),
    }
}
