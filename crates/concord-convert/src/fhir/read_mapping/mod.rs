//! From `mapping.toml` as it is written to what can be run, with everything that is wrong told at its line.

mod fields;

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use concord_model::entities::{self, Entity};
use concord_standards::definition::{CodeMap, DefinitionErrors, Problem, Severity};
use concord_standards::{Source, SourceError};

use crate::fhir::mapping::{Listed, Place, Refused, Resource, Rows, Rule, Target};
use crate::fhir::path::{Filter, Path, PathError};
use crate::fhir::written::{self, Spot};

/// What a file says.
pub(in crate::fhir) struct Read {
    pub(in crate::fhir) standard: String,
    pub(in crate::fhir) resources: Vec<Resource>,
    pub(in crate::fhir) rows: Vec<Rows>,
    pub(in crate::fhir) targets: Vec<Target>,
    pub(in crate::fhir) refused: Vec<Refused>,
}

/// Reads a file; `None` where there is none.
pub(in crate::fhir) fn read(
    source: &dyn Source,
    path: &str,
) -> Result<Option<Read>, DefinitionErrors> {
    let text = match source.read(path) {
        Ok(text) => text.into_owned(),
        Err(error) if error.is_missing() => return Ok(None),
        Err(error) => return Err(unread(path, &error)),
    };
    let mut reading = Reading {
        source,
        path: path.into(),
        text,
        code_maps: BTreeMap::new(),
        errors: DefinitionErrors {
            problems: Vec::new(),
            files: BTreeMap::new(),
        },
        resources: Vec::new(),
        targets: Vec::new(),
    };
    let file: Result<written::File, toml::de::Error> = toml::from_str(&reading.text);
    let read = match file {
        Ok(file) => Some(reading.file(file)),
        Err(error) => {
            reading.wrong(error.span().unwrap_or(0..0), error.message().to_owned());
            None
        }
    };
    match read {
        Some(read) if reading.errors.problems.is_empty() => Ok(Some(read)),
        _ => {
            let text = (reading.path, reading.text.into());
            reading.errors.files.extend([text]);
            Err(reading.errors)
        }
    }
}

/// What is said of a file that is not there and must be.
pub(in crate::fhir) fn missing(path: &str) -> DefinitionErrors {
    unread(path, &SourceError::missing(path))
}

fn unread(path: &str, error: &SourceError) -> DefinitionErrors {
    let problem = Problem {
        severity: Severity::Error,
        file: path.into(),
        line: 0,
        column: 0,
        span: 0..0,
        message: error.to_string(),
        help: None,
    };
    DefinitionErrors {
        problems: vec![problem],
        files: BTreeMap::new(),
    }
}

struct Reading<'s> {
    source: &'s dyn Source,
    path: Arc<str>,
    text: String,
    code_maps: BTreeMap<String, Option<Arc<CodeMap>>>,
    errors: DefinitionErrors,
    /// Names of the resources and of the targets.
    resources: Vec<String>,
    targets: Vec<String>,
}

impl Reading<'_> {
    fn wrong(&mut self, span: Range<usize>, message: String) {
        let before = self.text.get(..span.start).unwrap_or_default();
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        self.errors.problems.push(Problem {
            severity: Severity::Error,
            file: Arc::clone(&self.path),
            line: before.matches('\n').count() as u32 + 1,
            column: before[start..].chars().count() as u32 + 1,
            span,
            message,
            help: None,
        });
    }

    /// An error inside a text in quotes.
    fn inside(&mut self, spot: &Spot, at: usize, message: String) {
        let span = spot.span();
        let start = (span.start + 1 + at).min(span.end);
        self.wrong(start..span.end, message);
    }

    fn file(&mut self, file: written::File) -> Read {
        let name = |spot: &Spot| spot.get_ref().clone();
        self.resources = file
            .resource
            .iter()
            .map(|one| name(&one.get_ref().name))
            .collect();
        self.targets = file
            .target
            .iter()
            .map(|one| name(&one.get_ref().name))
            .collect();
        let targets = file.target.into_iter().map(|target| {
            let target = target.into_inner();
            Target {
                name: text(&target.name),
                kind: text(&target.kind),
                profile: target.profile.as_ref().map(text),
                identifier: target.identifier.as_ref().map(text),
            }
        });
        let targets = targets.collect();
        let resources = file.resource.into_iter();
        let resources = resources
            .filter_map(|one| self.resource(&one.into_inner()))
            .collect();
        let rows = file.rows.into_iter();
        let rows = rows
            .filter_map(|one| self.rows(&one.into_inner()))
            .collect();
        let refused = file.refuse.iter().map(|refuse| self.refused(refuse));
        let refused = refused.collect();
        Read {
            standard: file.standard.into_inner(),
            resources,
            rows,
            targets,
            refused,
        }
    }

    fn refused(&mut self, refuse: &written::Refuse) -> Refused {
        let matches = refuse.matches.iter();
        let matches = matches.filter_map(|spot| self.parsed(spot, Filter::parse));
        let matches = matches.collect();
        let when = refuse.when.iter();
        let when = when.filter_map(|spot| Some((self.parsed(spot, Filter::parse)?, text(spot))));
        Refused {
            kinds: refuse.types.iter().map(text).collect(),
            matches,
            when: when.collect(),
        }
    }

    fn resource(&mut self, resource: &written::Resource) -> Option<Resource> {
        let entity = self.entity(&resource.from)?;
        let matches = resource.matches.iter();
        let matches = matches
            .filter_map(|spot| self.parsed(spot, Filter::parse))
            .collect();
        let mut references: Vec<(usize, Path, Vec<usize>)> = Vec::new();
        for (path, names) in &resource.references {
            let span = path.span();
            let numbers = names.0.iter();
            let numbers = numbers
                .filter_map(|name| self.number(name, span.clone()))
                .collect();
            let path = self.parsed(path, Path::parse)?;
            references.push((span.start, path, numbers));
        }
        references.sort_by_key(|(at, ..)| *at);
        let listed = match &resource.listed {
            Some(listed) => Some(self.listed(listed, entity)?),
            None => None,
        };
        Some(Resource {
            name: text(&resource.name),
            kind: text(&resource.kind),
            profile: resource.profile.as_ref().map(text),
            entity,
            only: self.only(&resource.only, entity),
            matches,
            needs: resource
                .needs
                .iter()
                .filter_map(|spot| self.field(spot, entity))
                .collect(),
            inside: self.numbers(&resource.inside),
            made_for: self.numbers(&resource.made_for),
            read_only: resource.read,
            one: resource
                .one
                .iter()
                .map(|(list, filters)| {
                    let filters = filters.iter();
                    let filters = filters.filter_map(|spot| self.parsed(spot, Filter::parse));
                    (list.as_str().into(), filters.collect())
                })
                .collect(),
            rules: resource
                .rule
                .iter()
                .filter_map(|rule| self.rule(rule, entity))
                .collect(),
            references: references
                .into_iter()
                .map(|(_, path, to)| (path, to))
                .collect(),
            listed,
            fields: self.fields(&resource.fields, entity),
        })
    }

    fn listed(&mut self, listed: &written::Listed, entity: &'static Entity) -> Option<Listed> {
        Some(Listed {
            within: self.numbers(&listed.within),
            at: self.list(&listed.at)?,
            reference: self.parsed(&listed.reference, Path::parse)?,
            rank: match &listed.rank {
                Some(rank) => Some(self.parsed(rank, Path::parse)?),
                None => None,
            },
            fields: self.fields(&listed.fields, entity),
        })
    }

    fn rows(&mut self, rows: &written::Rows) -> Option<Rows> {
        let entity = self.entity(&rows.entity)?;
        Some(Rows {
            entity,
            only: self.only(&rows.only, entity),
            within: self.numbers(&rows.within),
            at: self.list(&rows.at)?,
            once: rows.once,
            fields: self.fields(&rows.fields, entity),
        })
    }

    fn rule(&mut self, rule: &written::Rule, entity: &'static Entity) -> Option<Rule> {
        let path = self.parsed(&rule.path, Path::parse)?;
        let by = rule.by.iter();
        let by = by.filter_map(|(spot, codes)| Some((self.field(spot, entity)?, codes.clone())));
        let by = by.collect();
        let has = rule.has.iter();
        let has = has.filter_map(|(spot, says)| {
            Some((spot.span().start, self.field(spot, entity)?, says.clone()))
        });
        let mut has: Vec<(usize, usize, String)> = has.collect();
        has.sort();
        Some(Rule {
            path,
            by,
            has: has
                .into_iter()
                .map(|(_, field, says)| (field, says))
                .collect(),
            otherwise: rule.otherwise.clone(),
        })
    }

    /// A reference and the target that it leads to.
    fn hop(&mut self, spot: &Spot) -> Option<(Path, usize)> {
        let (head, target) = spot
            .get_ref()
            .split_once("->")
            .unwrap_or((spot.get_ref(), ""));
        let Some(number) = self.targets.iter().position(|name| name == target) else {
            self.inside(spot, head.len(), format!("there is no target `{target}`"));
            return None;
        };
        Some((self.piece(spot, 0, Path::parse(head))?, number))
    }

    fn place(&mut self, spot: &Spot) -> Option<Place> {
        let Some((head, rest)) = spot.get_ref().split_once("->") else {
            return Some(Place {
                hop: None,
                path: self.parsed(spot, Path::parse)?,
            });
        };
        let at = head.len() + 2;
        let Some((target, tail)) = rest.split_once('.') else {
            self.inside(
                spot,
                at,
                "a target and a place in it are expected here".to_owned(),
            );
            return None;
        };
        let Some(number) = self.targets.iter().position(|name| name == target) else {
            self.inside(spot, at, format!("there is no target `{target}`"));
            return None;
        };
        let head = self.piece(spot, 0, Path::parse(head))?;
        let path = self.piece(spot, at + target.len() + 1, Path::parse(tail))?;
        Some(Place {
            hop: Some((head, number)),
            path,
        })
    }

    fn piece<T>(&mut self, spot: &Spot, at: usize, parsed: Result<T, PathError>) -> Option<T> {
        match parsed {
            Ok(parsed) => Some(parsed),
            Err(error) => {
                self.inside(spot, at + error.at, error.message);
                None
            }
        }
    }

    fn parsed<T>(&mut self, spot: &Spot, parse: fn(&str) -> Result<T, PathError>) -> Option<T> {
        self.piece(spot, 0, parse(spot.get_ref()))
    }

    /// The place of a list, or of the thing itself.
    fn list(&mut self, spot: &Spot) -> Option<Path> {
        let path = self.parsed(spot, Path::parse)?;
        if path.is_itself() || path.ends_with_item() {
            return Some(path);
        }
        self.wrong(spot.span(), "this is no list: `[]` ends a list".to_owned());
        None
    }

    fn entity(&mut self, spot: &Spot) -> Option<&'static Entity> {
        let entity = entities::entity(spot.get_ref());
        if entity.is_none() {
            self.wrong(
                spot.span(),
                format!("there is no entity `{}`", spot.get_ref()),
            );
        }
        entity
    }

    fn field(&mut self, spot: &Spot, entity: &'static Entity) -> Option<usize> {
        let number = entity
            .fields
            .iter()
            .position(|field| field.name == spot.get_ref());
        if number.is_none() {
            let message = format!("{} has no field `{}`", entity.name, spot.get_ref());
            self.wrong(spot.span(), message);
        }
        number
    }

    fn only(
        &mut self,
        only: &BTreeMap<Spot, Spot>,
        entity: &'static Entity,
    ) -> Vec<(usize, Arc<str>)> {
        let only = only.iter();
        only.filter_map(|(name, value)| Some((self.field(name, entity)?, text(value))))
            .collect()
    }

    fn numbers(&mut self, spots: &[Spot]) -> Vec<usize> {
        let spots = spots.iter();
        spots
            .filter_map(|spot| self.number(spot.get_ref(), spot.span()))
            .collect()
    }

    fn number(&mut self, name: &str, span: Range<usize>) -> Option<usize> {
        let number = self.resources.iter().position(|known| known == name);
        if number.is_none() {
            self.wrong(span, format!("there is no resource `{name}`"));
        }
        number
    }

    fn code_map(&mut self, spot: &Spot) -> Option<Arc<CodeMap>> {
        if let Some(known) = self.code_maps.get(spot.get_ref()) {
            return known.clone();
        }
        let map = match CodeMap::load(self.source, spot.get_ref()) {
            Ok(map) => Some(Arc::new(map)),
            Err(errors) => {
                let message = format!("the code map {} cannot be used", spot.get_ref());
                self.wrong(spot.span(), message);
                self.errors.problems.extend(errors.problems);
                self.errors.files.extend(errors.files);
                None
            }
        };
        self.code_maps.insert(spot.get_ref().clone(), map.clone());
        map
    }
}

fn text(spot: &Spot) -> Arc<str> {
    spot.get_ref().as_str().into()
}
