//! The folder with a profile: what is meant there where nothing is said.

use std::path::Path;

use super::{LintArgs, SCENARIOS, Selection, ServiceArgs, SystemArgs};
use crate::cli::exit::CliError;
use crate::suite::{FOLDER_PROFILE, Place};

impl ServiceArgs {
    /// Whether it is the profile of this folder.
    pub(in crate::cli) fn is_of_folder(&self) -> bool {
        self.target.as_deref() == Some(Path::new(FOLDER_PROFILE))
    }

    /// Takes the profile of the folder where none is named and nothing is said of the built-in order system. Whether it did.
    ///
    /// # Errors
    /// When it is said where a service is, and by no profile what it is.
    pub(in crate::cli) fn or_of_folder(&mut self, system: &SystemArgs) -> Result<bool, CliError> {
        let takes = self.target.is_none() && !system.is_given() && Path::new(FOLDER_PROFILE).is_file();
        if takes {
            self.target = Some(FOLDER_PROFILE.into());
        }
        let given = [("--url", &self.url), ("--exec", &self.exec)];
        match given.iter().find(|(_, given)| given.is_some()).filter(|_| self.target.is_none()) {
            None => Ok(takes),
            Some((option, _)) => Err(CliError::Usage(format!(
                "{option} says where a service is; how it is spoken to says a profile: --target PROFILE, or {FOLDER_PROFILE} in this folder"
            ))),
        }
    }
}

impl LintArgs {
    /// All that lies in a folder with a profile, where no place is named and there is no folder of scenarios.
    pub(in crate::cli) fn or_of_folder(&mut self) {
        let is_unsaid = self.places == [Place::from(SCENARIOS)];
        if is_unsaid && Path::new(FOLDER_PROFILE).is_file() && !Path::new(SCENARIOS).exists() {
            self.places = vec![Place::from(".")];
        }
    }
}

impl Selection {
    /// What lies beside the profile of a folder, if that is what is run, where no place is named and there is no folder of scenarios.
    pub(in crate::cli) fn or_of_folder(&mut self, is_of_folder: bool) {
        if is_of_folder && self.places == [Place::from(SCENARIOS)] && !Path::new(SCENARIOS).exists() {
            self.places = vec![Place::from(".")];
        }
    }
}
