//! Answers about the service, the provider and what was done.

use super::facts::Facts;
use super::payer::hub_by_contract;
use super::{Answered, Lack, no, yes};
use crate::commissioner::case::given;
use crate::commissioner::outcome::{Answer, Because};
use crate::commissioner::settings::{ProviderHub, Unlisted};
use crate::commissioner::table::{BoxDefinition, Delegation, ServiceCode, ServiceKind};

impl Facts<'_> {
    /// The service's entry, or why there is none, in words.
    fn entry(&self) -> Result<Result<(&str, &ServiceCode), Because>, Lack> {
        let Some(code) = self.service else {
            return match self.settings.no_service {
                Unlisted::NotSpecialised => Ok(Err(Because::of("no service code is given"))),
                Unlisted::Undetermined => Err(Lack::of("service", "the service code")),
            };
        };
        Ok(match self.listed {
            Some(entry) => Ok((code, entry)),
            None => Err(Because::of(format!(
                "service code {code} is not on the list of services for {}",
                self.date
            ))),
        })
    }

    fn by_entry(&self, test: impl Fn(&ServiceCode) -> bool, is: &str, is_not: &str) -> Answered {
        match self.entry()? {
            Ok((code, entry)) if test(entry) => yes(Because::of(format!("service {code} {is}"))),
            Ok((code, _)) => no(Because::of(format!("service {code} {is_not}"))),
            Err(because) => no(because),
        }
    }

    /// Whether the list has the service as green.
    pub(super) fn is_green(&self) -> bool {
        self.listed
            .is_some_and(|entry| entry.delegation == Some(Delegation::Green))
    }

    pub(super) fn highly_specialised(&self) -> Answered {
        self.by_entry(
            |entry| entry.highly_specialised,
            "is highly specialised",
            "is not highly specialised",
        )
    }

    pub(super) fn specialised(&self) -> Answered {
        self.by_entry(
            |entry| entry.kind == ServiceKind::Specialised,
            "is a specialised one",
            "is not a specialised one",
        )
    }

    pub(super) fn in_scope_for_delegation(&self) -> Answered {
        self.by_entry(
            |entry| {
                matches!(
                    entry.delegation,
                    Some(Delegation::Green | Delegation::Amber)
                )
            },
            "is in scope for delegation",
            "is not in scope for delegation",
        )
    }

    pub(super) fn on_list_of_services(&self) -> Answered {
        self.by_entry(|_| true, "is on the list of services", "")
    }

    pub(super) fn delegated_service(&self) -> Answered {
        self.by_entry(
            |entry| entry.delegation == Some(Delegation::Green),
            "is green",
            "is not green",
        )
    }

    pub(super) fn service_before_1991(&self, definition: &BoxDefinition) -> Answered {
        let Some(services) = &self.settings.services_before_1991 else {
            return Err(Lack::of(
                "services-before-1991",
                format!(
                    "{} (settings: files.services_before_1991)",
                    definition.needs.as_deref().unwrap_or("a list of services")
                ),
            ));
        };
        let Some(code) = self.service else {
            return no(Because::of("no service code is given"));
        };
        let known = services.get(&code.to_ascii_uppercase());
        let applies = match known.map(String::as_str) {
            None => false,
            Some("") => true,
            Some(nation) => self.nation()?.name().eq_ignore_ascii_case(nation),
        };
        if applies {
            yes(Because::of(format!(
                "service {code} is one of those from before 1991"
            )))
        } else {
            no(Because::of(format!(
                "service {code} is none of those from before 1991"
            )))
        }
    }

    pub(super) fn contracted_provider(&self, definition: &BoxDefinition) -> Answered {
        if self.settings.provider_hub == ProviderHub::HostSubIcb {
            let host = self.by_provider()?;
            return yes(Because::of(format!(
                "the settings take the hub of sub-ICB location {}, where the provider is",
                host.above.code
            )));
        }
        let Some(hubs) = &self.settings.provider_hubs else {
            return Err(Lack::of(
                "provider-hub",
                definition
                    .needs
                    .as_deref()
                    .unwrap_or("the hub of the provider"),
            ));
        };
        let Some(code) = self.provider_code else {
            return Err(Lack::of("provider", "the provider"));
        };
        match hub_by_contract(hubs, code) {
            Some(hub) => yes(Because::of(format!(
                "hub {hub} contracts with provider {code}"
            ))),
            None => no(Because::of(format!(
                "no hub contracts with provider {code}"
            ))),
        }
    }

    pub(super) fn treatment_function(&self, definition: &BoxDefinition) -> (Answer, Because) {
        let Some(code) = given(self.case.treatment_function) else {
            return (Answer::No, Because::of("there is no treatment function"));
        };
        let set = definition.set.as_deref().unwrap_or_default();
        if self.holds(set, code) {
            (
                Answer::Yes,
                Because::of(format!("treatment function {code} is one of those")),
            )
        } else {
            (
                Answer::No,
                Because::of(format!("treatment function {code} is none of those")),
            )
        }
    }

    pub(super) fn public_health(&self) -> Answered {
        let mut own = self.settings.public_health_services.iter();
        if let Some(code) = self.service
            && own.any(|known| known.eq_ignore_ascii_case(code))
        {
            return yes(Because::of(format!(
                "the settings have service {code} as public health"
            )));
        }
        self.by_entry(
            |entry| entry.kind == ServiceKind::PublicHealth,
            "is public health under section 7a",
            "is not public health under section 7a",
        )
    }

    pub(super) fn local_authority_service(&self) -> (Answer, Because) {
        let Some(services) = &self.settings.local_authority_services else {
            let because = "no table of services that local authorities pay for is given";
            return (Answer::No, Because::of(because));
        };
        match self.service {
            Some(code) if services.contains_key(&code.to_ascii_uppercase()) => (
                Answer::Yes,
                Because::of(format!(
                    "the table has service {code} as a local authority's"
                )),
            ),
            Some(code) => (
                Answer::No,
                Because::of(format!("the table does not have service {code}")),
            ),
            None => (Answer::No, Because::of("no service code is given")),
        }
    }

    pub(super) fn infertility(&self) -> (Answer, Because) {
        // What was coded is no more told than that it is in the set: it may say who somebody is.
        let any = |codes: &[&str], set: &str| {
            codes.iter().any(|code| {
                let plain: String = code.chars().filter(char::is_ascii_alphanumeric).collect();
                self.holds(set, &plain)
            })
        };
        if any(&self.case.diagnoses, "infertility-diagnoses") {
            return (
                Answer::Yes,
                Because::of("a diagnosis is one of infertility care"),
            );
        }
        if any(&self.case.procedures, "infertility-procedures") {
            return (
                Answer::Yes,
                Because::of("a procedure is one of infertility care"),
            );
        }
        (
            Answer::No,
            Because::of("no diagnosis or procedure is one of infertility care"),
        )
    }

    pub(super) fn agreement_signed(&self) -> Answered {
        let board = self.board()?.above;
        match board.delegated_from {
            Some(from) if from <= self.date => yes(Because::of(format!(
                "board {} had signed by {}",
                board.icb, self.date
            ))),
            _ => no(Because::of(format!(
                "board {} had not signed by {}",
                board.icb, self.date
            ))),
        }
    }
}
