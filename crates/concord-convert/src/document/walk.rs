//! The content model walked in its order, with a record's rows.

use concord_check::places::PlaceId;
use concord_standards::schema::{ComplexTypeId, Content, ElementId, Particle, Term, TypeId, Use};

use super::facts::Facts;
use super::place::{Records, SourceId};
use super::plan::DocumentPlan;
use super::state::{Missing, Piece, State};

/// How many values were carried by what was written, or what is missing to write it.
pub(super) type Written = Result<u32, Missing>;

/// Writes the pieces of one record, or of the envelope.
pub(super) struct Walk<'w> {
    pub(super) plan: &'w DocumentPlan<'w>,
    pub(super) facts: &'w Facts<'w>,
    /// How many values could stand in or below each place.
    pub(super) potential: Vec<u32>,
    pub(super) state: State,
    /// Whether records are left out and only what is around them is written.
    pub(super) envelope: bool,
    /// Whether what lacks something is written all the same, and what it lacks is noted.
    pub(super) draft: bool,
}

impl<'w> Walk<'w> {
    pub(super) fn new(plan: &'w DocumentPlan<'w>, facts: &'w Facts<'w>, envelope: bool) -> Self {
        Self {
            plan,
            facts,
            potential: plan.potential(facts),
            state: State::new(facts),
            envelope,
            draft: false,
        }
    }

    pub(super) fn missing(&self, id: PlaceId) -> Missing {
        let place = self.plan.place(id);
        let within = place.parent.map(|parent| &self.plan.place(parent).name);
        let detail = match within {
            Some(within) => format!("no {} in {within}", place.name),
            None => format!("no {}", place.name),
        };
        Missing {
            place: Some(id),
            detail: detail.into(),
        }
    }

    /// Writes an element with all that is in it.
    pub(super) fn element(&mut self, place: PlaceId, element: ElementId) -> Written {
        let plan = self.plan;
        let known = plan.place(place);
        if known.conditions.iter().any(|source| !self.holds(*source)) {
            return Err(self.missing(place));
        }
        if known.frame {
            self.state.enter();
        }
        let open = self.state.open.len();
        for &source in &known.seats {
            if let Some(row) = self.next_row(source) {
                self.state.take(source, row, place);
            }
        }
        self.state.pieces.push(Piece::Open(element));
        let declared = plan.schema.element(element);
        let carried = match declared.content {
            TypeId::Simple(simple) => {
                self.text(place, simple, declared.constraint.as_ref(), true)?
            }
            TypeId::Complex(complex) => {
                let attributes = self.attributes(place, complex)?;
                attributes
                    + match &plan.schema.complex_type(complex).content {
                        Content::Empty => 0,
                        Content::Simple(simple) => {
                            self.text(place, *simple, declared.constraint.as_ref(), true)?
                        }
                        Content::Children { particle, .. } => self.particle(particle, place)?,
                    }
            }
            TypeId::Any => 0,
        };
        self.state.pieces.push(Piece::Close);
        self.state.open.truncate(open);
        if known.frame {
            self.state.leave(self.facts);
        }
        Ok(carried)
    }

    /// Whether the record has a row that says what a source's constants say.
    fn holds(&self, source: SourceId) -> bool {
        self.facts
            .matching(&self.plan.sources[source])
            .next()
            .is_some()
    }

    /// The next row that belongs to a source here: not taken yet, and in the row of its parent that is around here.
    pub(super) fn next_row(&self, source: SourceId) -> Option<usize> {
        let source = &self.plan.sources[source];
        let parent = source.entity.parent.and_then(|parent| {
            let mut open = self.state.open.iter().rev();
            open.find(|(other, ..)| self.plan.sources[*other].entity.name == parent)
        });
        self.facts.matching(source).find(|&row| {
            let fact = &self.facts.rows[row];
            let fits = parent.is_none_or(|(_, above, place)| match fact.parent {
                Some(sequence) => self.facts.rows[*above].sequence == sequence,
                // Only rows of groups that stand apart know in which of them they lie.
                None => !self.plan.place(*place).frame,
            });
            self.state.taken[row].is_none() && fits
        })
    }

    fn attributes(&mut self, place: PlaceId, complex: ComplexTypeId) -> Written {
        let plan = self.plan;
        let mut carried = 0;
        for usage in &plan.schema.complex_type(complex).attributes {
            let declared = &usage.attribute;
            let child = plan
                .place(place)
                .child(&format!("@{}", declared.name.local));
            let Some(child) = child.filter(|_| usage.usage != Use::Prohibited) else {
                continue;
            };
            let required = usage.usage == Use::Required;
            if !required && self.potential[child as usize] == 0 {
                continue;
            }
            match self.text(
                child,
                declared.content,
                declared.constraint.as_ref(),
                required,
            ) {
                Ok(count) => carried += count,
                Err(_) if required && self.draft => self.note_place(child),
                Err(missing) if required => return Err(missing),
                Err(_) => {}
            }
        }
        Ok(carried)
    }

    /// Writes a part of a content model as often as there is something for it, and as often as it must be there.
    fn particle(&mut self, particle: &'w Particle, place: PlaceId) -> Written {
        if self.envelope && self.holds_records(particle, place) {
            return self.around_records(particle, place);
        }
        if particle.min == 0 && self.possible(particle, place) == 0 {
            return Ok(0);
        }
        let (mut times, mut carried) = (0, 0);
        while particle.max.is_none_or(|most| times < most) {
            let mark = self.state.mark();
            let must = times < particle.min;
            let lacking = self.state.lacking.len();
            match self.term(particle, place) {
                Ok(0) if must => {
                    self.settle_empty(particle, place, mark, lacking);
                    times += 1;
                }
                // What repeats a value is always written with it.
                Ok(0) if self.repeats_a_value(particle, place) => times += 1,
                Ok(0) => {
                    if !self.state.give_up(mark, None) {
                        break;
                    }
                }
                Ok(count) => {
                    carried += count;
                    times += 1;
                }
                Err(missing) if must && self.draft => {
                    self.state.give_up(mark, Some(&missing));
                    self.note(particle, place);
                    times += 1;
                }
                Err(missing) if must => return Err(missing),
                Err(missing) => {
                    let rows = self.state.give_up(mark, Some(&missing));
                    self.without(particle, place, &missing);
                    if !rows {
                        break;
                    }
                }
            }
        }
        Ok(carried)
    }

    /// Whether an element is a text that stands once and repeats a value.
    fn repeats_a_value(&self, particle: &Particle, place: PlaceId) -> bool {
        let Term::Element(element) = &particle.term else {
            return false;
        };
        let is_text = matches!(
            self.plan.schema.element(*element).content,
            TypeId::Simple(_)
        );
        let child = self.plan.inside(place, *element);
        let mut providers = child
            .iter()
            .flat_map(|child| &self.plan.place(*child).providers);
        is_text && particle.max == Some(1) && providers.any(|provider| provider.again)
    }

    /// Notes the elements of a part that is left out.
    fn without(&mut self, particle: &Particle, place: PlaceId, missing: &Missing) {
        match &particle.term {
            Term::Element(element) => {
                let child = self.plan.inside(place, *element);
                // A value that its own type refuses is told of as that.
                if let Some(child) = child.filter(|child| Some(*child) != missing.place) {
                    self.state.without(child, missing);
                }
            }
            Term::Sequence(parts) | Term::All(parts) | Term::Choice(parts) => {
                for part in parts {
                    self.without(part, place, missing);
                }
            }
            Term::Any(_) => {}
        }
    }

    fn term(&mut self, particle: &'w Particle, place: PlaceId) -> Written {
        match &particle.term {
            Term::Element(element) => match self.plan.inside(place, *element) {
                Some(child) => self.element(child, *element),
                // Only a structure that contains itself has places that are not known.
                None => Ok(0),
            },
            Term::Sequence(parts) | Term::All(parts) => {
                let mut carried = 0;
                for part in parts {
                    carried += self.particle(part, place)?;
                }
                Ok(carried)
            }
            Term::Choice(branches) => self.choice(branches, place),
            Term::Any(_) => Ok(0),
        }
    }

    /// Writes the branch that carries most; among those that carry nothing, when there is nothing for any, the first that
    /// can be written.
    fn choice(&mut self, branches: &'w [Particle], place: PlaceId) -> Written {
        let mut possible: Vec<(u32, &Particle)> = branches
            .iter()
            .map(|branch| (self.possible(branch, place), branch))
            .collect();
        possible.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
        // Of two branches of a draft that carry as much, that is better which lacks less.
        let mut best: Option<(u32, usize, &Particle)> = None;
        let mut problem = None;
        for &(most, branch) in possible.iter().filter(|(most, _)| *most > 0) {
            if best.is_some_and(|(carried, lacking, _)| (carried, 0) >= (most, lacking)) {
                break;
            }
            let mark = self.state.mark();
            let before = self.state.lacking.len();
            let written = self.branch(branch, place);
            let lacking = self.state.lacking.len() - before;
            self.state.back(mark);
            match written {
                Ok(carried)
                    if carried > 0
                        && best.is_none_or(|(known, lacked, _)| {
                            carried > known || (carried == known && lacking < lacked)
                        }) =>
                {
                    best = Some((carried, lacking, branch));
                }
                Ok(_) => {}
                Err(missing) => {
                    problem.get_or_insert(missing);
                }
            }
        }
        if let Some((_, _, branch)) = best {
            return self.branch(branch, place);
        }
        if let Some(missing) = problem {
            return Err(missing);
        }
        for branch in branches {
            let mark = self.state.mark();
            let before = self.state.lacking.len();
            match self.branch(branch, place) {
                Ok(carried) if self.state.lacking.len() == before => return Ok(carried),
                Ok(_) => {
                    self.state.back(mark);
                    problem.get_or_insert(self.missing(place));
                }
                Err(missing) => {
                    self.state.back(mark);
                    problem.get_or_insert(missing);
                }
            }
        }
        problem.map_or(Ok(0), Err)
    }

    fn branch(&mut self, branch: &'w Particle, place: PlaceId) -> Written {
        self.particle(branch, place)
    }

    /// How many values could stand in a part of a content model.
    fn possible(&self, particle: &Particle, place: PlaceId) -> u32 {
        match &particle.term {
            Term::Element(element) => {
                let child = self.plan.inside(place, *element);
                child.map_or(0, |child| self.potential[child as usize])
            }
            Term::Sequence(parts) | Term::All(parts) => {
                parts.iter().map(|part| self.possible(part, place)).sum()
            }
            Term::Choice(parts) => {
                let counts = parts.iter().map(|part| self.possible(part, place));
                counts.max().unwrap_or_default()
            }
            Term::Any(_) => 0,
        }
    }

    fn holds_records(&self, particle: &Particle, place: PlaceId) -> bool {
        match &particle.term {
            Term::Element(element) => {
                let child = self.plan.inside(place, *element);
                child.is_some_and(|child| self.plan.place(child).records != Records::None)
            }
            Term::Sequence(parts) | Term::All(parts) | Term::Choice(parts) => {
                parts.iter().any(|part| self.holds_records(part, place))
            }
            Term::Any(_) => false,
        }
    }

    /// Writes what stands before and behind the records, once.
    fn around_records(&mut self, particle: &'w Particle, place: PlaceId) -> Written {
        match &particle.term {
            Term::Element(element) => match self.plan.inside(place, *element) {
                Some(child) if self.plan.place(child).records != Records::Itself => {
                    self.element(child, *element)
                }
                _ => {
                    self.state.pieces.push(Piece::Records);
                    Ok(0)
                }
            },
            Term::Sequence(parts) | Term::All(parts) => {
                let mut carried = 0;
                for part in parts {
                    carried += self.particle(part, place)?;
                }
                Ok(carried)
            }
            Term::Choice(parts) => {
                let part = parts.iter().find(|part| self.holds_records(part, place));
                part.map_or(Ok(0), |part| self.around_records(part, place))
            }
            Term::Any(_) => Ok(0),
        }
    }
}
