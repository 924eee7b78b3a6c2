//! Fields and where they stand.

use std::collections::BTreeMap;

use concord_model::entities::{Entity, Kind};
use toml::Spanned;

use super::Reading;
use crate::fhir::mapping::{FieldPlace, Fields, Part, Place};
use crate::fhir::written::{Details, Field, Spot};

impl Reading<'_> {
    /// Fields and where they stand, in the order of the file.
    pub(super) fn fields(
        &mut self,
        fields: &BTreeMap<Spot, Spanned<Field>>,
        entity: &'static Entity,
    ) -> Fields {
        let mut list: Vec<(usize, FieldPlace)> = Vec::new();
        for (name, place) in fields {
            let Some(index) = self.field(name, entity) else {
                continue;
            };
            let place = match place.get_ref() {
                Field::Place => {
                    let written = self.text.get(place.span()).unwrap_or_default();
                    let written = written.trim_matches(['"', '\'']).to_owned();
                    let spot = Spanned::new(place.span(), written);
                    self.place(&spot).map(|to| plain(entity, index, to))
                }
                Field::Details(details) => self.details(details, entity, index),
            };
            list.extend(place.map(|place| (name.span().start, place)));
        }
        list.sort_by_key(|(at, _)| *at);
        let mut list: Vec<FieldPlace> = list.into_iter().map(|(_, place)| place).collect();
        self.pair(&mut list, fields, entity);
        Fields::new(entity, list)
    }

    fn details(
        &mut self,
        details: &Details,
        entity: &'static Entity,
        index: usize,
    ) -> Option<FieldPlace> {
        let mut place = plain(entity, index, self.place(&details.to)?);
        place.otherwise = match (&details.beside, &details.otherwise) {
            (Some(beside), Some(otherwise)) => {
                Some((self.field(beside, entity)?, self.place(otherwise)?))
            }
            (None, None) => None,
            (Some(one), None) | (None, Some(one)) => {
                let message = "`beside` and `otherwise` go together".to_owned();
                self.wrong(one.span(), message);
                return None;
            }
        };
        place.also = details
            .also
            .iter()
            .filter_map(|also| self.place(also))
            .collect();
        if let Some(codes) = &details.codes {
            place.codes = Some(self.code_map(codes)?);
            if !matches!(place.field.kind, Kind::Text | Kind::Code { .. }) {
                self.wrong(codes.span(), format!("`{}` is no code", place.field.name));
            }
        }
        if let Some(refers) = &details.refers {
            let number = self
                .targets
                .iter()
                .position(|name| name == refers.get_ref());
            if number.is_none() {
                self.wrong(
                    refers.span(),
                    format!("there is no target `{}`", refers.get_ref()),
                );
            }
            place.refers = Some(number?);
        }
        if let Some(with) = &details.with {
            place.with = Some(self.hop(with)?);
        }
        if let Some(form) = &details.form {
            place.boolean = form.get_ref() == "boolean";
            if !place.boolean {
                self.wrong(
                    form.span(),
                    "a value can only be written as a boolean".to_owned(),
                );
            }
        }
        if let Some(part) = &details.part {
            place.part = match (part.get_ref().as_str(), place.field.kind) {
                // The day is found when all fields are known.
                ("time", Kind::Time) => Part::Time(usize::MAX),
                ("day", Kind::Date) => Part::DayAlone,
                ("id", Kind::Text) => Part::Id,
                _ => {
                    let message = "`part` is \"time\" of a field that is a time, \"day\" of one that is a day, or \"id\" of a text";
                    self.wrong(part.span(), message.to_owned());
                    Part::Whole
                }
            };
        }
        Some(place)
    }

    /// Joins days with the times that stand at the same place.
    fn pair(
        &mut self,
        list: &mut [FieldPlace],
        fields: &BTreeMap<Spot, Spanned<Field>>,
        entity: &'static Entity,
    ) {
        for time in 0..list.len() {
            if list[time].part != Part::Time(usize::MAX) {
                continue;
            }
            let written = list[time].to.path.written().to_owned();
            let day = list.iter().position(|other| {
                other.field.kind == Kind::Date && other.to.path.written() == written
            });
            if let Some(day) = day {
                list[time].part = Part::Time(list[day].index);
                list[day].part = Part::Day(list[time].index);
                continue;
            }
            let name = entity
                .fields
                .get(list[time].index)
                .map_or("", |field| field.name);
            let span = fields
                .keys()
                .find(|key| key.get_ref() == name)
                .map_or(0..0, Spanned::span);
            self.wrong(
                span,
                "no field gives the day of this time at the same place".to_owned(),
            );
        }
    }
}

fn plain(entity: &'static Entity, index: usize, to: Place) -> FieldPlace {
    FieldPlace {
        field: &entity.fields[index],
        index,
        to,
        otherwise: None,
        also: Vec::new(),
        codes: None,
        part: Part::Whole,
        refers: None,
        boolean: false,
        with: None,
    }
}
