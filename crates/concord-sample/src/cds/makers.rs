//! What stands in an element: chosen by its name, else by its codes, else by its type.

use concord_standards::schema::{Builtin, Schema, SimpleTypeId, ValueConstraint, Variety};

use super::SampleError;
use super::presence::role_of;
use super::story::Role;
use crate::Dice;
use crate::tree::escape_text;
use crate::value::{Extent, Values};

/// A fact of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Of {
    Number,
    Status,
    Local,
    Born,
    FullName,
    Title,
    Given,
    Family,
    Suffix,
    Initial,
    Sex,
    Postcode,
    AddressLine,
    Address,
}

/// A moment of the story.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum When {
    Prepared,
    Activity,
    PeriodStart,
    PeriodEnd,
    Applicable,
    Admitted,
    Start,
    End,
    Delivery,
    YearStart,
    /// The next moment in this group, within the window of the group.
    Next,
    /// The same moment as the last one.
    Same,
    /// Before the happening, and well before it.
    Before,
    LongBefore,
    /// After the happening, later each time.
    After,
}

/// What stands in an element.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Maker {
    Literal(String),
    /// One of these, escaped already.
    OneOf(Vec<String>),
    TypeCode,
    ProtocolCode,
    GroupCode,
    UpdateType,
    ControlReference,
    Count,
    MessageReference,
    UniqueIdentifier,
    RecordIdentifier,
    Provider,
    Commissioner,
    Practice,
    Site,
    Recipient,
    Practitioner,
    Registration,
    Person(Role, Of),
    Date(When),
    Time,
    Timestamp(When),
    AgeOnAdmission,
    AgeAtActivity,
    Snomed,
    /// A letter or two, then the record's number, at most so many characters.
    Serial(&'static str, usize),
    /// A number from a range, with so many digits at least.
    Number(i64, i64, usize),
    /// A number with a fraction: units of the last place, and places.
    Fraction(i64, i64, u32),
    /// Letters and digits by a form: `A` a letter, `9` a digit, anything else itself.
    Form(&'static str),
    /// The number of this occurrence in its group, from 1.
    Ordinal,
    Babies,
    LastEpisode,
    /// The code in the attribute of the group, which an element below repeats.
    KeptCode(Vec<String>),
    RepeatedCode(Vec<String>),
}

/// Words for descriptions. None of them is a name, so that no personal value turns up in free text.
const PLACES: &[&str] = &[
    "car park",
    "shopping centre",
    "railway station",
    "sports ground",
    "public house",
    "school yard",
];

/// The maker for an element or attribute.
pub(super) fn maker(
    schema: &Schema,
    values: &mut Values<'_>,
    name: &str,
    role: Role,
    simple: SimpleTypeId,
    constraint: Option<&ValueConstraint>,
    dice: &mut Dice,
) -> Result<Maker, SampleError> {
    if let Some(ValueConstraint::Fixed(text)) = constraint {
        return Ok(Maker::Literal(escaped(text)));
    }
    let codes: Vec<String> = values
        .codes(simple)
        .iter()
        .map(|code| escaped(code))
        .collect();
    let longest = crate::value::lengths(&schema.simple_type(simple).steps)
        .1
        .unwrap_or(20) as usize;
    if let Some(maker) = by_name(name, role, longest, &codes) {
        return Ok(maker);
    }
    if !codes.is_empty() {
        return Ok(Maker::OneOf(codes));
    }
    Ok(match schema.simple_type(simple).variety {
        Variety::Atomic(Builtin::Date) => Maker::Date(When::Next),
        Variety::Atomic(Builtin::Time) => Maker::Time,
        Variety::Atomic(Builtin::DateTime) => Maker::Timestamp(When::Next),
        _ => {
            let mut pool = Vec::new();
            for _ in 0..24 {
                let text = values.make(simple, Extent::Random, dice)?;
                if !text.trim().is_empty() {
                    pool.push(escaped(&text));
                }
            }
            Maker::OneOf(pool)
        }
    })
}

fn escaped(text: &str) -> String {
    let mut out = String::new();
    escape_text(text, &mut out);
    out
}

fn one_of(items: &[&str]) -> Maker {
    Maker::OneOf(items.iter().map(|item| escaped(item)).collect())
}

#[expect(
    clippy::match_same_arms,
    reason = "elements stand with their kin, not with what happens to be made alike"
)]
fn by_name(name: &str, role: Role, longest: usize, codes: &[String]) -> Option<Maker> {
    let role = if role_of(name) == Role::Patient {
        role
    } else {
        role_of(name)
    };
    let plain = name
        .strip_suffix("_Mother")
        .or(name.strip_suffix("_Baby"))
        .unwrap_or(name);
    let person = |of| Some(Maker::Person(role, of));
    let date = |when| Some(Maker::Date(when));
    Some(match plain {
        "CDSInterchangeSenderIdentity" => Maker::Literal("999000000100001".to_owned()),
        "CDSInterchangeReceiverIdentity" => Maker::Literal("999000000200001".to_owned()),
        "CDSInterchangeControlReference" => Maker::ControlReference,
        "CDSInterchangeControlCount" => Maker::Count,
        "CDSInterchangeApplicationReference" => Maker::Literal("NHSCDS".to_owned()),
        "CDSInterchangeTestIndicator" => Maker::Literal("1".to_owned()),
        "CDSInterchangeDateOfPreparation" | "CDSExtractDate" => return date(When::Prepared),
        "CDSMessageReferenceNumber" => Maker::MessageReference,
        "CDSMessageRecordIdentifier" => Maker::RecordIdentifier,
        "CDSTypeCode" => Maker::TypeCode,
        "CDSProtocolIdentifierCode" => Maker::ProtocolCode,
        "CDSBulkReplacementGroupCode" => Maker::GroupCode,
        "CDSUniqueIdentifier" => Maker::UniqueIdentifier,
        "CDSUpdateType" => Maker::UpdateType,
        "CDSApplicableDate" => return date(When::Applicable),
        "CDSActivityDate" => return date(When::Activity),
        "CDSReportPeriodStartDate" => return date(When::PeriodStart),
        "CDSReportPeriodEndDate" => return date(When::PeriodEnd),
        "OrganisationIdentifier_CDSSender"
        | "OrganisationCode_CDSSenderIdentity"
        | "OrganisationIdentifier_CodeOfProvider"
        | "OrganisationIdentifier_LocalPatientIdentifier"
        | "OrganisationIdentifier_PatientPathwayIdentifierIssuer" => Maker::Provider,
        "OrganisationIdentifier_CDSRecipient" | "OrganisationCode_CDSCopyRecipientIdentity" => {
            Maker::Recipient
        }
        "OrganisationCode_CDSPrimeRecipientIdentity"
        | "OrganisationIdentifier_CodeOfCommissioner"
        | "OrganisationIdentifier_ResidenceResponsibility" => Maker::Commissioner,
        "OrganisationIdentifier_ConveyingAmbulanceTrust" => one_of(&[
            "RX6", "RX7", "RX8", "RX9", "RYA", "RYC", "RYD", "RYE", "RYF",
        ]),
        "OrganisationIdentifier_ReferringOrganisation"
        | "GeneralMedicalPractice_PatientRegistration"
        | "GeneralPractice_PatientRegistration"
        | "GeneralMedicalPractitionerPractice_PatientAntenatalCare" => Maker::Practice,
        "GeneralMedicalPractitioner_Specified"
        | "GeneralMedicalPractitioner_AntenatalCare"
        | "ReferrerCode" => Maker::Practitioner,
        "ProfessionalRegistrationEntryIdentifier" => Maker::Registration,
        "NHSNumber" => return person(Of::Number),
        "NHSNumberStatusIndicatorCode" => return person(Of::Status),
        "LocalPatientIdentifier_Extended" => return person(Of::Local),
        "PersonBirthDate" => return person(Of::Born),
        "PatientFullName" | "PersonFullName" | "PersonRequestedName" => {
            return person(Of::FullName);
        }
        "PatientTitle" | "PersonTitle" => return person(Of::Title),
        "PatientGivenName" | "PersonGivenName" => return person(Of::Given),
        "PatientFamilyName" | "PersonFamilyName" => return person(Of::Family),
        "PatientNameSuffix" | "PersonNameSuffix" => return person(Of::Suffix),
        "PatientInitials" | "PersonInitials" => return person(Of::Initial),
        "PersonStatedGenderCode" | "PersonPhenotypicSex" => return person(Of::Sex),
        "PostcodeOfUsualAddress" => return person(Of::Postcode),
        "UnstructuredAddress" => return person(Of::Address),
        "StructuredAddress" => return person(Of::AddressLine),
        "WithheldIdentityReason" => one_of(&["01", "02", "03", "97", "99"]),
        "EthnicCategory" => one_of(&[
            "A", "B", "C", "D", "E", "F", "G", "H", "J", "K", "L", "M", "N", "P", "R", "S", "Z",
            "99",
        ]),
        "DataAbsentReason_FHIRR4" => one_of(&[
            "unknown",
            "asked-unknown",
            "not-asked",
            "asked-declined",
            "temp-unknown",
        ]),
        "UniqueBookingReferenceNumber_Converted" => Maker::Number(1, 799_999_999, 12),
        "PatientPathwayIdentifier" => Maker::Form("PWAY9999999999999999"),
        "ReferralToTreatmentPeriod_StartDate"
        | "ReferralRequestReceivedDate"
        | "FirstAntenatalAssessmentDate" => return date(When::LongBefore),
        "ReferralToTreatmentPeriod_EndDate"
        | "EarliestReasonableOfferDate"
        | "EarliestClinicallyAppropriateDate"
        | "LastPatientDidNotAttendDate"
        | "LastPatientCancelledDate" => return date(When::Before),
        "LatestClinicallyAppropriateDate"
        | "PersonalisedOutpatientFollowUpPathwayReviewDate"
        | "PersonalisedOutpatientFollowUpPathwayExpiryDate"
        | "FitNoteEndDate"
        | "ExpiryDate_MentalHealthActLegalStatusClassification" => return date(When::After),
        "FitNoteRecordedDate" => return date(When::Same),
        "StartDate_HospitalProviderSpell" => return date(When::Admitted),
        "DischargeDate_HospitalProviderSpell"
        | "DischargeReadyDate_HospitalProviderSpell"
        | "EndDate_Episode" => return date(When::End),
        "StartDate_Episode"
        | "AppointmentDate"
        | "EmergencyCareArrivalDate"
        | "OverseasVisitorChargingCategoryApplicableFromDate" => return date(When::Start),
        "OverseasVisitorChargingCategoryApplicableEndDate"
        | "EmergencyCareDepartureDate"
        | "EmergencyCareAttendanceConclusionDate" => return date(When::End),
        "InjuryDate" => return date(When::Start),
        "CriticalCareDischargeReadyDate" => return date(When::Same),
        "StartDate_CommissionerAssignmentPeriod" => return date(When::YearStart),
        "EndDate_CommissionerAssignmentPeriod" => return date(When::After),
        "DeliveryTimestamp" => Maker::Timestamp(When::Delivery),
        "AgeOnAdmission" => Maker::AgeOnAdmission,
        "AgeAtCDSActivityDate" | "AgeAtCdsActivityDate" => Maker::AgeAtActivity,
        "LastEpisodeInSpellIndicatorCode" => Maker::LastEpisode,
        "NumberOfBabiesIndicationCode" => Maker::Babies,
        "BirthOrder" | "CodedClinicalEntrySequenceNumber" => Maker::Ordinal,
        "BirthWeight" => Maker::Number(1800, 4600, 4),
        "PersonWeight" => Maker::Fraction(1500, 4500, 3),
        "EpisodeNumber" => Maker::Number(1, 4, 1),
        "NumberOfPreviousPregnanciesResultingInRegistrableBirth" => Maker::Number(0, 6, 1),
        "DurationOfElectiveWait" => Maker::Number(1, 300, 1),
        "ExpectedDurationOfAppointment" => Maker::Number(1, 12, 1),
        "FitNoteDuration" => Maker::Number(1, 90, 1),
        "OrganSupportMaximum" => Maker::Number(1, 6, 2),
        "LengthOfStayAdjustmentRehab" | "LengthOfStayAdjustmentSpecialistPalliativeCare" => {
            Maker::Number(0, 20, 1)
        }
        "PersonScore" => Maker::Number(0, 30, 1),
        "ObsValue" | "ObservationValue" => Maker::Fraction(1, 1999, 1),
        "UCUMUnit" | "UCUMunitOfMeasurement" => {
            one_of(&["mm[Hg]", "Cel", "%", "/min", "mmol/L", "kg", "{score}"])
        }
        "Latitude" => Maker::Fraction(50_000_000, 55_000_000, 6),
        "Longitude" => Maker::Fraction(100_000, 1_700_000, 6),
        "PrimaryDiagnosis_ICD" | "SecondaryDiagnosis_ICD" | "FitNoteDiagnosis_ICD" => {
            Maker::Form("A999")
        }
        "PrimaryProcedure_OPCS" | "SecondaryProcedure_OPCS" => Maker::Form("A999"),
        "HighCostDrugs_OPCS" => Maker::Form("X999"),
        "CareProfessionalMainSpecialtyCode"
        | "ActivityTreatmentFunctionCode"
        | "ActivityTreatmentFunctionCode_DecisionToAdmit" => one_of(&[
            "100", "101", "110", "120", "130", "160", "180", "300", "301", "320", "330", "340",
            "400", "410", "420", "430", "501", "502",
        ]),
        "MentalHealthActLegalStatusClassificationCode"
        | "MentalHealthActLegalStatusClassificationCode_OnAdmission" => {
            one_of(&["01", "02", "03", "04", "05"])
        }
        "ActivityLocationType" => one_of(&["A01", "A02", "B01", "B02", "C01", "E01"]),
        "EmergencyCareDepartmentType" => one_of(&["01", "02", "03", "04", "05"]),
        "CriticalCareActivityCode" => Maker::Number(1, 90, 2),
        "HospitalProviderSpellIdentifier" => Maker::Serial("SP", longest),
        "OutpatientAttendanceIdentifier" => Maker::Serial("OA", longest),
        "EmergencyCareAttendanceIdentifier" => Maker::Serial("EC", longest),
        "AmbulanceCallIdentifier" | "AmbulanceIncidentNumber" => Maker::Serial("CAD", longest),
        "CareContactIdentifier_AmbulanceService" => Maker::Serial("CC", longest),
        "CriticalCareLocalIdentifier" => Maker::Serial("C", longest),
        "ServiceRequestIdentifier" => Maker::Serial("SR", longest),
        "NHSServiceAgreementIdentifier" | "CommissioningSerialNumber" => Maker::Form("AA9999"),
        "NHSServiceAgreementLineIdentifier" | "NhsServiceAgreementLineNumber" => {
            Maker::Form("L9999")
        }
        "ProviderReferenceIdentifier" | "ProviderReferenceNumber" => Maker::Form("PR999999"),
        "CommissionerReferenceIdentifier" | "CommissionerReferenceNumber" => {
            Maker::Form("CR999999")
        }
        "ServiceCode" => Maker::Form("SVC99"),
        "LocalSubSpecialtyCode" => Maker::Form("SS99"),
        "ClinicCode" => Maker::Form("CLIN99"),
        "WardCode" => Maker::Form("WARD99"),
        "ClinicalTrialIdentifier" => Maker::Form("TRIAL9999"),
        "AssaultLocationDescription"
        | "DiseaseOutBreakNotificationDescription"
        | "DiseaseOutbreakNotification" => one_of(PLACES),
        "NeonatalCriticalCareStructure"
        | "PaediatricCriticalCareStructure"
        | "AdultCriticalCareStructure"
            if !codes.is_empty() =>
        {
            Maker::KeptCode(codes.to_vec())
        }
        "CriticalCareUnitFunction" => Maker::RepeatedCode(codes.to_vec()),
        _ if plain.starts_with("OrganisationSiteIdentifier") => Maker::Site,
        _ if plain.contains("Snomed") => Maker::Snomed,
        _ if plain.ends_with("SupportDays")
            || plain.ends_with("2Days")
            || plain.ends_with("3Days") =>
        {
            Maker::Number(0, 9, 1)
        }
        _ => return None,
    })
}
