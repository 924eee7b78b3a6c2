//! Rules about whole files, and about the data sets of a run together.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use concord_finding::{Fact, Finding, NotRun, RuleId};
use concord_rules::reconcile::{
    Comparison, DataSets, Difference, Incomparable, Totals, has_csv_name,
};
use concord_standards::rules::{CarrierCheck, Check, RuleDefinition};

use crate::arguments::CheckArguments;
use crate::check::invoice::{self, INVOICE, Invoice};
use crate::check::told;
use crate::failure::Failure;
use crate::prepare::{Prepare, Prepared};

/// The number that stands for the invoice among the inputs.
const INVOICE_FILE: usize = usize::MAX;

/// What is known of the files of a run.
#[derive(Default)]
pub(super) struct Between {
    /// Whether totals are to be compared.
    wanted: bool,
    files: BTreeMap<usize, (Arc<str>, Arc<Prepared>)>,
    sets: DataSets,
    /// Names of inputs whose totals are not known, by data set.
    incomplete: BTreeMap<Arc<str>, Arc<str>>,
    /// An input of which not even the data set is known.
    unread: Option<Arc<str>>,
    invoice: Option<Arc<str>>,
}

impl Between {
    pub(super) fn new(arguments: &CheckArguments) -> Result<Self, Failure> {
        let mut between = Self {
            wanted: arguments.reconcile,
            ..Self::default()
        };
        if let Some(path) = &arguments.invoice {
            let Invoice { name, totals } = invoice::read(path)?;
            between.sets.add(&Arc::from(INVOICE), INVOICE_FILE, totals);
            between.invoice = Some(name);
        }
        Ok(between)
    }

    /// Adds an input that has ended; without totals when it could not be read to its end.
    pub(super) fn add(
        &mut self,
        prepared: &Arc<Prepared>,
        file: usize,
        name: &Arc<str>,
        totals: Option<Totals>,
    ) {
        if let Some(data_set) = &prepared.data_set {
            match totals {
                Some(totals) => self.sets.add(data_set, file, totals),
                None => {
                    self.incomplete
                        .insert(Arc::clone(data_set), Arc::clone(name));
                }
            }
        }
        self.files
            .insert(file, (Arc::clone(name), Arc::clone(prepared)));
    }

    /// Adds an input that could not be read, or is of no standard that is known.
    pub(super) fn unread(&mut self, name: &Arc<str>) {
        self.unread.get_or_insert_with(|| Arc::clone(name));
    }

    /// Tells what is wrong with the files, and then with what they add up to, with the numbers of the inputs.
    ///
    /// # Errors
    /// That of `tell`, after which nothing more is told.
    pub(super) fn findings(
        &self,
        mut tell: impl FnMut(usize, Finding) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        for (file, (name, prepared)) in &self.files {
            if &**name != "-"
                && !has_csv_name(name)
                && let Some(rule) = rule_of(prepared, CarrierCheck::FileName)
            {
                let mut finding = self.finding(rule, *file, prepared);
                finding.value = Some(Fact::Plain(name.to_string()));
                tell(*file, finding)?;
            }
        }
        for replaced in self.sets.replaced() {
            let known = self.files.get(&replaced.file);
            let rule = known.and_then(|(_, prepared)| {
                Some((rule_of(prepared, CarrierCheck::Replaces)?, prepared))
            });
            let Some((rule, prepared)) = rule else {
                continue;
            };
            let mut finding = self.finding(rule, replaced.file, prepared);
            finding.record_key = Some(told::replaced_key(&replaced, self.name(replaced.file)));
            finding.facts = told::replaced(&replaced, self.name(replaced.by));
            tell(replaced.file, finding)?;
        }
        if self.wanted {
            for (rule, prepared) in self.rules().values() {
                let Ok(differences) = self.differences(rule) else {
                    continue;
                };
                for difference in differences {
                    let file = difference.file;
                    let mut finding = self.finding(rule, file, prepared);
                    self.fill(&mut finding, &difference);
                    tell(file, finding)?;
                }
            }
        }
        Ok(())
    }

    /// The comparisons that could not be made, and why.
    pub(super) fn not_run(&self) -> Vec<NotRun> {
        let not_run = self.rules().into_iter().filter_map(|(id, (rule, _))| {
            let reason = if self.wanted {
                self.differences(rule).err()?
            } else {
                let (left, right) = sides(rule)?;
                match right {
                    INVOICE => {
                        format!("give --reconcile and --{INVOICE} to compare {left} with it")
                    }
                    _ => format!("give --reconcile and files of {left} and {right} together"),
                }
            };
            Some(NotRun {
                rule: id.to_string(),
                reason,
            })
        });
        not_run.collect()
    }

    /// The comparisons, each as the standard of its left data set has it where that is there.
    fn rules(&self) -> BTreeMap<&RuleId, (&RuleDefinition, &Arc<Prepared>)> {
        let mut rules: BTreeMap<&RuleId, (&RuleDefinition, &Arc<Prepared>)> = BTreeMap::new();
        for (_, prepared) in self.files.values() {
            for rule in &prepared.between {
                let Some((left, _)) = sides(rule) else {
                    continue;
                };
                if prepared.data_set.as_deref() == Some(left) {
                    rules.insert(&rule.rule.id, (rule, prepared));
                } else {
                    rules.entry(&rule.rule.id).or_insert((rule, prepared));
                }
            }
        }
        rules
    }

    fn differences(&self, rule: &RuleDefinition) -> Result<Vec<Difference>, String> {
        let Check::Reconcile {
            left,
            right,
            only,
            except,
        } = &rule.check
        else {
            return Ok(Vec::new());
        };
        for data_set in [left, right] {
            if let Some(name) = self.incomplete.get(&**data_set) {
                return Err(format!("{name} was not read to its end, or holds nothing"));
            }
        }
        let comparison = Comparison {
            left,
            right,
            only,
            except,
        };
        self.sets.compare(comparison).map_err(|error| match error {
            Incomparable::NotGiven(data_set) if data_set == INVOICE => {
                format!("no {INVOICE} is given (--{INVOICE} FILE.csv)")
            }
            Incomparable::NotGiven(data_set) => match &self.unread {
                Some(name) => format!("no {data_set} file is known, and {name} could not be read"),
                None => Incomparable::NotGiven(data_set).to_string(),
            },
            Incomparable::TooMany(file) => format!(
                "{} has too many combinations of provider, commissioner, month and service to be totals of a contract",
                self.name(file)
            ),
            other => other.to_string(),
        })
    }

    fn finding(&self, rule: &RuleDefinition, file: usize, prepared: &Prepared) -> Finding {
        let mut finding = Finding::new(Arc::clone(&rule.rule), self.name(file).into());
        finding.standard = prepared.plan.standard().cloned();
        if let Prepare::Tables(plans) = &prepared.plan {
            finding.authority = plans.first().and_then(|plan| plan.authority.clone());
        }
        finding
    }

    fn fill(&self, finding: &mut Finding, difference: &Difference) {
        let name = |file| self.name(file);
        finding.value = Some(told::amount(difference.left.total));
        finding.expected = Some(told::amount(difference.right.total));
        finding.record_key = Some(told::difference_key(difference));
        finding.facts = told::difference(difference, &name);
    }

    /// The name of an input, or of the invoice.
    fn name(&self, file: usize) -> &str {
        match self.files.get(&file) {
            Some((name, _)) => name,
            None => self.invoice.as_deref().unwrap_or(INVOICE),
        }
    }
}

/// The rule of a standard about something that is seen of a file as a whole.
fn rule_of(prepared: &Prepared, check: CarrierCheck) -> Option<&RuleDefinition> {
    let mut rules = prepared.between.iter();
    rules.find(|rule| rule.check == Check::Carrier(check))
}

fn sides(rule: &RuleDefinition) -> Option<(&str, &str)> {
    match &rule.check {
        Check::Reconcile { left, right, .. } => Some((left, right)),
        _ => None,
    }
}

/// Facts by name.
pub(super) type Facts = Vec<(Cow<'static, str>, Fact)>;
