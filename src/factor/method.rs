//! A method of proving a second factor: a file or folder with a row of `METHODS`. The pages that
//! ask for a factor, offer to set one up and list those of a user are built from the rows.

use super::{
    EnrolledFactors, Factors, METHODS, RECOVERY,
    prove::{FactorTry, ProvedFactor},
};
use crate::{error::Result, kind::BoxFuture, model::factor::FactorKind, sign_in::SignInTrouble};

/// A method of proving a second factor.
pub struct FactorMethod {
    /// Its name in addresses and forms.
    pub name: &'static str,
    /// Its name in the data of events.
    pub logged_as: &'static str,
    /// Whether it works at this portal.
    pub is_on: fn(&Factors) -> bool,
    pub(super) prove: Prove,
    pub input: ProofInput,
    pub texts: MethodTexts,
    /// `None` for a method that is set up together with factors of other methods.
    pub setup: Option<MethodSetup>,
}

/// Verifies the user's response. What it uses up is written, and not yet committed.
type Prove = for<'a> fn(
    &'a Factors,
    FactorTry<'a>,
) -> BoxFuture<'a, Result<Result<ProvedFactor, SignInTrouble>>>;

/// The input of a user, with the key of its label.
#[derive(Clone, Copy)]
pub enum ProofInput {
    /// A code of digits.
    Digits(&'static str),
    /// A code of letters and digits.
    Letters(&'static str),
    /// No input: an authenticator answers a challenge.
    Authenticator,
}

/// Keys of texts.
pub struct MethodTexts {
    /// Its name.
    pub title: &'static str,
    /// The link to this method on the pages of the others.
    pub option: &'static str,
    /// The instructions.
    pub lead: &'static str,
    /// The error for a wrong code or response.
    pub wrong: &'static str,
}

/// How factors of a method are set up.
pub struct MethodSetup {
    /// The name of their [`FactorKind`].
    pub kind: &'static str,
    /// The key of a description with the requirements.
    pub about: &'static str,
    pub icon: &'static str,
    /// Set-up starts with a form that is posted, not with a page.
    pub by_form: bool,
    /// The key of the text that says why it does not work at this portal.
    pub when_off: Option<&'static str>,
}

impl PartialEq for FactorMethod {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl FactorMethod {
    pub fn find(name: &str) -> Option<&'static Self> {
        METHODS.iter().find(|method| method.name == name)
    }

    /// The method that a factor was set up for, and how.
    pub fn of(kind: &FactorKind) -> Option<(&'static Self, &'static MethodSetup)> {
        let mut all = METHODS
            .iter()
            .filter_map(|method| Some((method, method.setup.as_ref()?)));
        all.find(|(_, setup)| setup.kind == kind.as_str())
    }
}

impl Factors {
    /// The methods by which a user can prove a factor here, the most recently used first; recovery
    /// codes come last.
    pub fn methods_of(&self, has: &EnrolledFactors) -> Vec<&'static FactorMethod> {
        let mut methods: Vec<&'static FactorMethod> = Vec::new();
        for factor in &has.factors {
            if let Some((method, _)) = FactorMethod::of(&factor.kind)
                && (method.is_on)(self)
                && !methods.contains(&method)
            {
                methods.push(method);
            }
        }
        if has.codes_left > 0 {
            methods.push(RECOVERY);
        }
        methods
    }
}
