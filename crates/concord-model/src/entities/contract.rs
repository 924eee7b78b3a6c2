//! Contract monitoring: priced activity line by line and in sums, plans and prices.

use super::field::fields;
use super::{Area, Entity};

pub(super) static CONTRACT_LINE: Entity = Entity {
    name: "contract_line",
    area: Area::Contracts,
    title: "Contract line",
    meaning: "Activity, drugs and devices of single patients with what the commissioner pays for them",
    grain: "one line of a patient level, drug or device file",
    parent: None,
    fields: fields! {
        code("") kind "" "activity, drug or device";
        code("financial-month") financial_month "FINANCIAL MONTH" "month of the financial year that the file is about; 1 is April";
        code("financial-year") financial_year "FINANCIAL YEAR" "financial year, as in 202526";
        moment date_and_time_data_set_created "DATE AND TIME DATA SET CREATED" "when the file was made";
        code("") reporting_type_indicator "REPORTING TYPE INDICATOR" "kind of report that the line belongs to";
        text organisation_identifier_code_of_provider "ORGANISATION IDENTIFIER (CODE OF PROVIDER)" "organisation that gave the care";
        text organisation_site_identifier_of_treatment "ORGANISATION SITE IDENTIFIER (OF TREATMENT)" "site of the care";
        text organisation_identifier_gp_practice_responsibility "ORGANISATION IDENTIFIER (GP PRACTICE RESPONSIBILITY)" "commissioner for the patient's practice";
        text organisation_identifier_residence_responsibility "ORGANISATION IDENTIFIER (RESIDENCE RESPONSIBILITY)" "commissioner for where the patient lives";
        text organisation_identifier_code_of_commissioner "ORGANISATION IDENTIFIER (CODE OF COMMISSIONER)" "organisation that pays";
        text general_medical_practice_patient_registration "GENERAL MEDICAL PRACTICE (PATIENT REGISTRATION)" "the patient's practice";
        text record_identifier "RECORD IDENTIFIER" "the provider's key of the line";
        text cds_unique_identifier "CDS UNIQUE IDENTIFIER" "the record of the activity in the commissioning data sets";
        text non_cds_unique_identifier "NON CDS UNIQUE IDENTIFIER" "key of an activity that has no such record";
        text local_patient_identifier_extended "LOCAL PATIENT IDENTIFIER (EXTENDED)" "the provider's own number of the patient" personal;
        text nhs_number "NHS NUMBER" "national number of the patient" personal;
        code("withheld-identity-reason") withheld_identity_reason "WITHHELD IDENTITY REASON" "why the identity is withheld";
        date person_birth_date "PERSON BIRTH DATE" "day of birth" personal;
        integer age_at_activity_date_contract_monitoring "AGE AT ACTIVITY DATE (CONTRACT MONITORING)" "age in years; 999 is unknown";
        text postcode_of_usual_address "POSTCODE OF USUAL ADDRESS" "postcode of the address" personal;
        code("person-stated-gender") person_stated_gender_code "PERSON STATED GENDER CODE" "gender as the person states it";
        code("ethnic-category") ethnic_category "ETHNIC CATEGORY" "ethnic group as the person states it";
        text hospital_provider_spell_identifier "HOSPITAL PROVIDER SPELL IDENTIFIER" "the spell" personal;
        text out_patient_attendance_identifier "OUT-PATIENT ATTENDANCE IDENTIFIER" "the attendance";
        text urgent_and_emergency_care_activity_identifier "URGENT AND EMERGENCY CARE ACTIVITY IDENTIFIER" "the emergency attendance";
        date activity_start_date_contract_monitoring "ACTIVITY START DATE (CONTRACT MONITORING)" "first day of the activity";
        date activity_end_date_contract_monitoring "ACTIVITY END DATE (CONTRACT MONITORING)" "last day of the activity";
        date package_of_care_or_year_of_care_start_date_contract_monitoring "PACKAGE OF CARE OR YEAR OF CARE START DATE (CONTRACT MONITORING)" "first day of the package or year of care that the line is part of";
        integer adjusted_length_of_stay "ADJUSTED LENGTH OF STAY" "days that are paid for";
        code("treatment-function") activity_treatment_function_code "ACTIVITY TREATMENT FUNCTION CODE" "specialty of the care";
        text local_sub_specialty_code "LOCAL SUB-SPECIALTY CODE" "the provider's finer specialty";
        code("commissioned-service-category") commissioned_service_category_code "COMMISSIONED SERVICE CATEGORY CODE" "whose budget the service falls to";
        code("service-code") service_code "SERVICE CODE" "specialised service that it is";
        code("point-of-delivery") point_of_delivery_code "POINT OF DELIVERY CODE" "kind of activity by which contracts are counted";
        text point_of_delivery_further_detail_code "POINT OF DELIVERY FURTHER DETAIL CODE" "finer kind";
        text point_of_delivery_further_detail_description "POINT OF DELIVERY FURTHER DETAIL DESCRIPTION" "the finer kind in words";
        text local_point_of_delivery_code "LOCAL POINT OF DELIVERY CODE" "kind as the contract names it";
        text local_point_of_delivery_description "LOCAL POINT OF DELIVERY DESCRIPTION" "the contract's kind in words";
        text local_contract_code "LOCAL CONTRACT CODE" "the contract";
        text local_contract_code_description "LOCAL CONTRACT CODE DESCRIPTION" "the contract in words";
        text local_contract_monitoring_code "LOCAL CONTRACT MONITORING CODE" "line of the contract's own monitoring";
        text local_contract_monitoring_description "LOCAL CONTRACT MONITORING DESCRIPTION" "that line in words";
        text contract_monitoring_additional_detail "CONTRACT MONITORING ADDITIONAL DETAIL" "further detail as agreed locally, the first where there are several";
        text contract_monitoring_additional_description "CONTRACT MONITORING ADDITIONAL DESCRIPTION" "that detail in words";
        text contract_monitoring_additional_detail_second "CONTRACT MONITORING ADDITIONAL DETAIL (SECOND)" "second further detail";
        text contract_monitoring_additional_description_second "CONTRACT MONITORING ADDITIONAL DESCRIPTION (SECOND)" "that detail in words";
        text contract_monitoring_additional_detail_third "CONTRACT MONITORING ADDITIONAL DETAIL (THIRD)" "third further detail";
        text contract_monitoring_additional_description_third "CONTRACT MONITORING ADDITIONAL DESCRIPTION (THIRD)" "that detail in words";
        text contract_monitoring_additional_detail_fourth "CONTRACT MONITORING ADDITIONAL DETAIL (FOURTH)" "fourth further detail";
        text contract_monitoring_additional_description_fourth "CONTRACT MONITORING ADDITIONAL DESCRIPTION (FOURTH)" "that detail in words";
        text contract_monitoring_additional_detail_fifth "CONTRACT MONITORING ADDITIONAL DETAIL (FIFTH)" "fifth further detail";
        text contract_monitoring_additional_description_fifth "CONTRACT MONITORING ADDITIONAL DESCRIPTION (FIFTH)" "that detail in words";
        text nhs_service_agreement_line_identifier "NHS SERVICE AGREEMENT LINE NUMBER" "line of the agreement";
        text provider_reference_identifier "PROVIDER REFERENCE IDENTIFIER" "the provider's reference";
        text tariff_code "TARIFF CODE" "resource group or local currency that sets the price";
        code("national-tariff-indicator") national_tariff_indicator "NATIONAL TARIFF INDICATOR" "whether the price is a national one";
        code("unbundled-episode-indicator") unbundled_episode_indicator "UNBUNDLED EPISODE INDICATOR" "whether it is paid for besides the main activity";
        decimal(13, 3) activity_count_point_of_delivery "ACTIVITY COUNT (POINT OF DELIVERY)" "units of activity";
        money activity_unit_price "ACTIVITY UNIT PRICE" "pounds for one unit";
        money total_cost "TOTAL COST" "pounds for the line";
        date clinical_intervention_date_drug_dispensed "CLINICAL INTERVENTION DATE (DRUG DISPENSED)" "day the drug was dispensed";
        date clinical_intervention_date_drug_administered "CLINICAL INTERVENTION DATE (DRUG ADMINISTERED)" "day the drug was given";
        code("dm-d-taxonomy") dm_d_taxonomy_code_high_cost_tariff_excluded_drug "DM+D TAXONOMY CODE (HIGH COST TARIFF EXCLUDED DRUG)" "level of the dictionary of medicines that the drug's code is of";
        text high_cost_tariff_excluded_drug_code_dm_d "HIGH COST TARIFF EXCLUDED DRUG CODE (DM+D)" "the drug";
        text drug_name_high_cost_tariff_excluded_drug "DRUG NAME (HIGH COST TARIFF EXCLUDED DRUG)" "the drug in words";
        text therapeutic_indication_code_snomed_ct "THERAPEUTIC INDICATION CODE (SNOMED CT)" "what the drug is for";
        text drug_strength_high_cost_tariff_excluded_drug "DRUG STRENGTH (HIGH COST TARIFF EXCLUDED DRUG)" "strength";
        text drug_volume_high_cost_tariff_excluded_drug "DRUG VOLUME (HIGH COST TARIFF EXCLUDED DRUG)" "volume";
        text drug_pack_size_high_cost_tariff_excluded_drug "DRUG PACK SIZE (HIGH COST TARIFF EXCLUDED DRUG)" "size of the pack";
        decimal(8, 4) drug_quantity_or_weight_proportion_high_cost_tariff_excluded_drug "DRUG QUANTITY OR WEIGHT PROPORTION (HIGH COST TARIFF EXCLUDED DRUG)" "amount, in the unit";
        text unit_of_measurement_dm_d "UNIT OF MEASUREMENT (DM+D)" "the unit";
        text route_of_administration_snomed_ct "ROUTE OF ADMINISTRATION (SNOMED CT)" "how the drug is given";
        code("dispensing-route") dispensing_route_high_cost_tariff_excluded_drug "DISPENSING ROUTE (HIGH COST TARIFF EXCLUDED DRUG)" "how the drug gets to the patient";
        money commissioner_support_charge "COMMISSIONER SUPPORT CHARGE" "pounds for support such as delivery; earlier the home delivery charge";
        date clinical_intervention_date_medical_device_implementation "CLINICAL INTERVENTION DATE (MEDICAL DEVICE IMPLEMENTATION)" "day the device was fitted";
        text high_level_code_high_cost_tariff_excluded_device "HIGH LEVEL CODE (HIGH COST TARIFF EXCLUDED DEVICE)" "class of the device";
        text subsidiary_level_code_high_cost_tariff_excluded_device "SUBSIDIARY LEVEL CODE (HIGH COST TARIFF EXCLUDED DEVICE)" "finer class";
        text high_cost_tariff_excluded_device_code_dm_d "HIGH COST TARIFF EXCLUDED DEVICE CODE (DM+D)" "the device";
        text local_code_high_cost_tariff_excluded_device "LOCAL CODE (HIGH COST TARIFF EXCLUDED DEVICE)" "the provider's key of the device";
        text medical_device_name_high_cost_tariff_excluded_device "MEDICAL DEVICE NAME (HIGH COST TARIFF EXCLUDED DEVICE)" "the device in words";
        text medical_device_manufacturer_high_cost_tariff_excluded_device "MEDICAL DEVICE MANUFACTURER (HIGH COST TARIFF EXCLUDED DEVICE)" "who makes it";
        text medical_device_serial_number_high_cost_tariff_excluded_device "MEDICAL DEVICE SERIAL NUMBER (HIGH COST TARIFF EXCLUDED DEVICE)" "number of the single device" personal;
        text medical_device_size_high_cost_tariff_excluded_device "MEDICAL DEVICE SIZE (HIGH COST TARIFF EXCLUDED DEVICE)" "size";
        code("medical-device-procurement-route") medical_device_procurement_route_high_cost_tariff_excluded_device "MEDICAL DEVICE PROCUREMENT ROUTE (HIGH COST TARIFF EXCLUDED DEVICE)" "how it was bought";
        integer medical_device_quantity_high_cost_tariff_excluded_device "MEDICAL DEVICE QUANTITY (HIGH COST TARIFF EXCLUDED DEVICE)" "number of devices";
        money unit_price_supplier "UNIT PRICE (SUPPLIER)" "pounds for one unit as the supplier charges them";
        money unit_price_commissioner "UNIT PRICE (COMMISSIONER)" "pounds for one unit as the commissioner is charged them";
        code("value-added-tax-charged-indicator") value_added_tax_charged_indicator_contract_monitoring "VALUE ADDED TAX CHARGED INDICATOR (CONTRACT MONITORING)" "whether tax is part of the price";
    },
};

pub(super) static CONTRACT_AGGREGATE: Entity = Entity {
    name: "contract_aggregate",
    area: Area::Contracts,
    title: "Contract aggregate",
    meaning: "Activity and cost of a month in sums, beside what was planned",
    grain: "one line of an aggregate file",
    parent: None,
    fields: fields! {
        code("financial-month") financial_month "FINANCIAL MONTH" "month of the financial year that the file is about; 1 is April";
        code("financial-year") financial_year "FINANCIAL YEAR" "financial year, as in 202526";
        moment date_and_time_data_set_created "DATE AND TIME DATA SET CREATED" "when the file was made";
        text organisation_identifier_code_of_provider "ORGANISATION IDENTIFIER (CODE OF PROVIDER)" "organisation that gave the care";
        text organisation_site_identifier_of_treatment "ORGANISATION SITE IDENTIFIER (OF TREATMENT)" "site of the care";
        text organisation_identifier_gp_practice_responsibility "ORGANISATION IDENTIFIER (GP PRACTICE RESPONSIBILITY)" "commissioner for the patient's practice";
        text organisation_identifier_residence_responsibility "ORGANISATION IDENTIFIER (RESIDENCE RESPONSIBILITY)" "commissioner for where the patient lives";
        text organisation_identifier_code_of_commissioner "ORGANISATION IDENTIFIER (CODE OF COMMISSIONER)" "organisation that pays";
        text general_medical_practice_patient_registration "GENERAL MEDICAL PRACTICE (PATIENT REGISTRATION)" "the patient's practice";
        code("treatment-function") activity_treatment_function_code "ACTIVITY TREATMENT FUNCTION CODE" "specialty of the care";
        text local_sub_specialty_code "LOCAL SUB-SPECIALTY CODE" "the provider's finer specialty";
        text ward_code "WARD CODE" "the provider's key of the ward";
        code("commissioned-service-category") commissioned_service_category_code "COMMISSIONED SERVICE CATEGORY CODE" "whose budget the service falls to";
        code("service-code") service_code "SERVICE CODE" "specialised service that it is";
        code("") specialised_mental_health_service_category_code "SPECIALISED MENTAL HEALTH SERVICE CATEGORY CODE" "kind of specialised mental health service";
        code("point-of-delivery") point_of_delivery_code "POINT OF DELIVERY CODE" "kind of activity by which contracts are counted";
        text point_of_delivery_further_detail_code "POINT OF DELIVERY FURTHER DETAIL CODE" "finer kind";
        text point_of_delivery_further_detail_description "POINT OF DELIVERY FURTHER DETAIL DESCRIPTION" "the finer kind in words";
        text local_point_of_delivery_code "LOCAL POINT OF DELIVERY CODE" "kind as the contract names it";
        text local_point_of_delivery_description "LOCAL POINT OF DELIVERY DESCRIPTION" "the contract's kind in words";
        text local_contract_code "LOCAL CONTRACT CODE" "the contract";
        text local_contract_code_description "LOCAL CONTRACT CODE DESCRIPTION" "the contract in words";
        text local_contract_monitoring_code "LOCAL CONTRACT MONITORING CODE" "line of the contract's own monitoring";
        text local_contract_monitoring_description "LOCAL CONTRACT MONITORING DESCRIPTION" "that line in words";
        text contract_monitoring_additional_detail "CONTRACT MONITORING ADDITIONAL DETAIL" "further detail as agreed locally, the first where there are several";
        text contract_monitoring_additional_description "CONTRACT MONITORING ADDITIONAL DESCRIPTION" "that detail in words";
        text contract_monitoring_additional_detail_second "CONTRACT MONITORING ADDITIONAL DETAIL (SECOND)" "second further detail";
        text contract_monitoring_additional_description_second "CONTRACT MONITORING ADDITIONAL DESCRIPTION (SECOND)" "that detail in words";
        text contract_monitoring_additional_detail_third "CONTRACT MONITORING ADDITIONAL DETAIL (THIRD)" "third further detail";
        text contract_monitoring_additional_description_third "CONTRACT MONITORING ADDITIONAL DESCRIPTION (THIRD)" "that detail in words";
        text contract_monitoring_additional_detail_fourth "CONTRACT MONITORING ADDITIONAL DETAIL (FOURTH)" "fourth further detail";
        text contract_monitoring_additional_description_fourth "CONTRACT MONITORING ADDITIONAL DESCRIPTION (FOURTH)" "that detail in words";
        text contract_monitoring_additional_detail_fifth "CONTRACT MONITORING ADDITIONAL DETAIL (FIFTH)" "fifth further detail";
        text contract_monitoring_additional_description_fifth "CONTRACT MONITORING ADDITIONAL DESCRIPTION (FIFTH)" "that detail in words";
        text tariff_code "TARIFF CODE" "resource group or local currency that sets the price";
        code("national-tariff-indicator") national_tariff_indicator "NATIONAL TARIFF INDICATOR" "whether the price is a national one";
        decimal(13, 3) contract_monitoring_planned_activity "CONTRACT MONITORING PLANNED ACTIVITY" "units of activity in the plan";
        money contract_monitoring_planned_price "CONTRACT MONITORING PLANNED PRICE" "pounds in the plan";
        money contract_monitoring_planned_market_forces_factor "CONTRACT MONITORING PLANNED MARKET FORCES FACTOR" "pounds in the plan for the cost of the place";
        integer contract_monitoring_actual_activity "CONTRACT MONITORING ACTUAL ACTIVITY" "units of activity";
        money contract_monitoring_actual_price "CONTRACT MONITORING ACTUAL PRICE" "pounds";
        money contract_monitoring_actual_market_forces_factor "CONTRACT MONITORING ACTUAL MARKET FORCES FACTOR" "pounds for the cost of the place";
    },
};

pub(super) static PLAN_LINE: Entity = Entity {
    name: "plan_line",
    area: Area::Contracts,
    title: "Plan line",
    meaning: "Activity and cost that a contract plans for each month",
    grain: "one line of a plan",
    parent: None,
    fields: fields! {
        code("financial-month-plan") financial_month "FINANCIAL MONTH" "month of the financial year that the line is about; 1 is April";
        code("financial-year") financial_year "FINANCIAL YEAR" "financial year, as in 202526";
        moment date_and_time_data_set_created "DATE AND TIME DATA SET CREATED" "when the file was made";
        text organisation_identifier_code_of_provider "ORGANISATION IDENTIFIER (CODE OF PROVIDER)" "organisation that gave the care";
        text organisation_site_identifier_of_treatment "ORGANISATION SITE IDENTIFIER (OF TREATMENT)" "site of the care";
        text organisation_identifier_gp_practice_responsibility "ORGANISATION IDENTIFIER (GP PRACTICE RESPONSIBILITY)" "commissioner for the patient's practice";
        text organisation_identifier_residence_responsibility "ORGANISATION IDENTIFIER (RESIDENCE RESPONSIBILITY)" "commissioner for where the patient lives";
        text organisation_identifier_code_of_commissioner "ORGANISATION IDENTIFIER (CODE OF COMMISSIONER)" "organisation that pays";
        text general_medical_practice_patient_registration "GENERAL MEDICAL PRACTICE (PATIENT REGISTRATION)" "the patient's practice";
        code("treatment-function") activity_treatment_function_code "ACTIVITY TREATMENT FUNCTION CODE" "specialty of the care";
        text local_sub_specialty_code "LOCAL SUB-SPECIALTY CODE" "the provider's finer specialty";
        text ward_code "WARD CODE" "the provider's key of the ward";
        code("commissioned-service-category") commissioned_service_category_code "COMMISSIONED SERVICE CATEGORY CODE" "whose budget the service falls to";
        code("service-code") service_code "SERVICE CODE" "specialised service that it is";
        code("") specialised_mental_health_service_category_code "SPECIALISED MENTAL HEALTH SERVICE CATEGORY CODE" "kind of specialised mental health service";
        code("point-of-delivery") point_of_delivery_code "POINT OF DELIVERY CODE" "kind of activity by which contracts are counted";
        text point_of_delivery_further_detail_code "POINT OF DELIVERY FURTHER DETAIL CODE" "finer kind";
        text point_of_delivery_further_detail_description "POINT OF DELIVERY FURTHER DETAIL DESCRIPTION" "the finer kind in words";
        text local_point_of_delivery_code "LOCAL POINT OF DELIVERY CODE" "kind as the contract names it";
        text local_point_of_delivery_description "LOCAL POINT OF DELIVERY DESCRIPTION" "the contract's kind in words";
        text local_contract_code "LOCAL CONTRACT CODE" "the contract";
        text local_contract_code_description "LOCAL CONTRACT CODE DESCRIPTION" "the contract in words";
        text local_contract_monitoring_code "LOCAL CONTRACT MONITORING CODE" "line of the contract's own monitoring";
        text local_contract_monitoring_description "LOCAL CONTRACT MONITORING DESCRIPTION" "that line in words";
        text contract_monitoring_additional_detail "CONTRACT MONITORING ADDITIONAL DETAIL" "further detail as agreed locally, the first where there are several";
        text contract_monitoring_additional_description "CONTRACT MONITORING ADDITIONAL DESCRIPTION" "that detail in words";
        text tariff_code "TARIFF CODE" "resource group or local currency that sets the price";
        code("national-tariff-indicator") national_tariff_indicator "NATIONAL TARIFF INDICATOR" "whether the price is a national one";
        decimal(13, 3) contract_monitoring_planned_activity "CONTRACT MONITORING PLANNED ACTIVITY" "units of activity in the plan";
        money contract_monitoring_planned_price "CONTRACT MONITORING PLANNED PRICE" "pounds in the plan";
        money contract_monitoring_planned_market_forces_factor "CONTRACT MONITORING PLANNED MARKET FORCES FACTOR" "pounds in the plan for the cost of the place";
        text name_of_submitter "NAME OF SUBMITTER" "who hands the plan over" personal;
    },
};

pub(super) static LOCAL_PRICE: Entity = Entity {
    name: "local_price",
    area: Area::Contracts,
    title: "Local price",
    meaning: "Prices that a contract sets itself",
    grain: "one price",
    parent: None,
    fields: fields! {
        code("financial-year") financial_year "FINANCIAL YEAR" "financial year, as in 202526";
        moment date_and_time_data_set_created "DATE AND TIME DATA SET CREATED" "when the file was made";
        text organisation_identifier_code_of_provider "ORGANISATION IDENTIFIER (CODE OF PROVIDER)" "organisation that gave the care";
        text organisation_site_identifier_of_treatment "ORGANISATION SITE IDENTIFIER (OF TREATMENT)" "site of the care";
        text organisation_identifier_code_of_commissioner "ORGANISATION IDENTIFIER (CODE OF COMMISSIONER)" "organisation that pays";
        code("treatment-function") activity_treatment_function_code "ACTIVITY TREATMENT FUNCTION CODE" "specialty of the care";
        text local_sub_specialty_code "LOCAL SUB-SPECIALTY CODE" "the provider's finer specialty";
        code("commissioned-service-category") commissioned_service_category_code "COMMISSIONED SERVICE CATEGORY CODE" "whose budget the service falls to";
        code("service-code") service_code "SERVICE CODE" "specialised service that it is";
        code("point-of-delivery") point_of_delivery_code "POINT OF DELIVERY CODE" "kind of activity by which contracts are counted";
        text point_of_delivery_further_detail_code "POINT OF DELIVERY FURTHER DETAIL CODE" "finer kind";
        text point_of_delivery_further_detail_description "POINT OF DELIVERY FURTHER DETAIL DESCRIPTION" "the finer kind in words";
        text local_point_of_delivery_code "LOCAL POINT OF DELIVERY CODE" "kind as the contract names it";
        text local_point_of_delivery_description "LOCAL POINT OF DELIVERY DESCRIPTION" "the contract's kind in words";
        text nhs_service_agreement_identifier "COMMISSIONING SERIAL NUMBER" "the agreement";
        text nhs_service_agreement_line_identifier "NHS SERVICE AGREEMENT LINE NUMBER" "line of the agreement";
        text provider_reference_identifier "PROVIDER REFERENCE IDENTIFIER" "the provider's reference";
        text tariff_code "TARIFF CODE" "resource group or local currency that sets the price";
        money local_price "LOCAL PRICE" "pounds for one unit";
    },
};
