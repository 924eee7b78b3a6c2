//! Who pays at the end of a way.

use std::collections::BTreeMap;

use super::Lack;
use super::facts::Facts;
use crate::commissioner::outcome::Answer;
use crate::commissioner::settings::ProviderHub;
use crate::commissioner::table::{End, Payer};

/// A code, and what the population was found by.
pub(super) struct Paying {
    pub(super) code: String,
    pub(super) basis: &'static str,
}

/// A home nation other than England.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Nation {
    Wales,
    Scotland,
    NorthernIreland,
}

impl Nation {
    /// As tables write it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Wales => "wales",
            Self::Scotland => "scotland",
            Self::NorthernIreland => "northern-ireland",
        }
    }
}

impl Facts<'_> {
    /// Who pays at an end; none where nobody does, or where no code says who.
    pub(super) fn payer(&self, end: &End) -> Result<Option<Paying>, Lack> {
        let paying = |code: &str, basis| {
            Ok(Some(Paying {
                code: code.to_owned(),
                basis,
            }))
        };
        match end.payer {
            Payer::Nobody => Ok(None),
            Payer::Code => paying(end.code.as_deref().unwrap_or_default(), "practice"),
            Payer::ResponsibleSubIcb => {
                let of = self.sub_icb_location()?;
                paying(&of.above.code, of.basis)
            }
            Payer::HostSubIcb => {
                let of = self.by_provider()?;
                paying(&of.above.code, of.basis)
            }
            Payer::HubOfPopulation => {
                let of = self.board()?;
                paying(&of.above.hub, of.basis)
            }
            Payer::RegionOfPopulation => {
                let of = self.board()?;
                paying(&of.above.region, of.basis)
            }
            Payer::HubOfProvider => paying(&self.hub_of_provider()?, "provider"),
            Payer::JusticeHub => {
                let postcode = self.postcode.as_deref().unwrap_or_default();
                match self.table.detention_hub(postcode) {
                    Some(hub) => paying(hub, "practice"),
                    None => Err(Lack::of("postcode", "the postcode of a place of detention")),
                }
            }
            Payer::LocalAuthority => {
                let services = self.settings.local_authority_services.as_ref();
                let code = self.service.map(str::to_ascii_uppercase);
                match services
                    .zip(code)
                    .and_then(|(known, code)| known.get(&code))
                {
                    Some(authority) => paying(authority, "practice"),
                    None => Err(Lack::of("local-authority", "the local authority")),
                }
            }
            Payer::WelshBoard => match self.practice {
                Some(practice) if self.holds("welsh-boards", practice.commissioner) => {
                    paying(practice.commissioner, "practice")
                }
                _ => Err(Lack::of("practice", "the practice's local health board")),
            },
            Payer::Devolved => {
                let nation = self.nation()?;
                let bodies = &self.settings.bodies;
                let body = match nation {
                    Nation::Wales => &bodies.wales,
                    Nation::Scotland => &bodies.scotland,
                    Nation::NorthernIreland => &bodies.northern_ireland,
                };
                match body {
                    Some(code) => paying(code, "residence"),
                    None => Err(Lack::of(
                        "body-of-home-nation",
                        format!(
                            "{} (settings: bodies.{})",
                            end.needs.as_deref().unwrap_or("the body's code"),
                            nation.name().replace('-', "_")
                        ),
                    )),
                }
            }
        }
    }

    /// The home nation: Wales of those registered with a Welsh practice in the border area, else where the patient lives.
    pub(super) fn nation(&self) -> Result<Nation, Lack> {
        if let Ok((Answer::Yes, _)) = self.welsh_practice_at_border() {
            return Ok(Nation::Wales);
        }
        let (country, _) = self.country()?;
        match country.as_bytes().first() {
            Some(b'W') => Ok(Nation::Wales),
            Some(b'S') => Ok(Nation::Scotland),
            Some(b'N') => Ok(Nation::NorthernIreland),
            _ => Err(Lack::of("home-nation", "the patient's home nation")),
        }
    }

    fn hub_of_provider(&self) -> Result<String, Lack> {
        if self.settings.provider_hub == ProviderHub::HostSubIcb {
            return Ok(self.by_provider()?.above.hub.clone());
        }
        let lack = || {
            Lack::of(
                "provider-hub",
                "which specialised commissioning hub contracts with the provider (settings: files.provider_hubs, or provider_hub = \"host-sub-icb\")",
            )
        };
        let hubs = self.settings.provider_hubs.as_ref().ok_or_else(lack)?;
        let hub = self
            .provider_code
            .and_then(|provider| hub_by_contract(hubs, provider));
        hub.map(str::to_owned).ok_or_else(lack)
    }
}

/// The hub that contracts with a provider, whose code SUS fills with `00`.
pub(super) fn hub_by_contract<'h>(
    hubs: &'h BTreeMap<String, String>,
    provider: &str,
) -> Option<&'h str> {
    let code = provider.to_ascii_uppercase();
    let short = || code.strip_suffix("00").filter(|short| short.len() == 3);
    let hub = hubs.get(&code).or_else(|| hubs.get(short()?));
    hub.map(String::as_str)
}
