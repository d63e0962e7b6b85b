//! Hashes of passwords, made with argon2id.
//!
//! A hash is a string that also contains the salt and the parameters, so the parameters can change
//! while older hashes stay valid.

use argon2::{
    Argon2, PasswordHasher as _, PasswordVerifier as _,
    password_hash::{Error, Result},
};

/// Hashes and verifies passwords. Both take many milliseconds, by design.
pub(crate) struct Passwords {
    argon2: Argon2<'static>,
    /// Verified in place of the hash of an unknown user.
    of_nobody: String,
}

impl Passwords {
    /// The default of `argon2` is argon2id with 19 MiB and two passes, as OWASP recommends.
    pub(crate) fn new(argon2: Argon2<'static>) -> Result<Self> {
        let of_nobody = argon2.hash_password(b"")?.to_string();
        Ok(Self { argon2, of_nobody })
    }

    /// Returns a hash with a random salt.
    pub(crate) fn hash(&self, password: &str) -> Result<String> {
        let hash = self.argon2.hash_password(password.as_bytes())?;
        Ok(hash.to_string())
    }

    /// Returns true if the password has this hash. Hashes are compared in constant time.
    ///
    /// Pass `None` for an unknown user. It takes as long, because otherwise the time of a response
    /// would show which names exist.
    pub(crate) fn verify(&self, password: &str, hash: Option<&str>) -> Result<bool> {
        let expected = hash.unwrap_or(&self.of_nobody);
        match self.argon2.verify_password(password.as_bytes(), expected) {
            Ok(()) => Ok(hash.is_some()),
            Err(Error::PasswordInvalid) => Ok(false),
            Err(err) => Err(err),
        }
    }
}

#[cfg(test)]
impl Passwords {
    /// The smallest parameters, so that tests are fast.
    pub(crate) fn cheap() -> Self {
        let params = argon2::Params::new(argon2::Params::MIN_M_COST, 1, 1, None).unwrap();
        Self::new(Argon2::from(params)).unwrap()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the algorithm and its parameters, which decide how long a hash takes.
    fn cost(hash: &str) -> Vec<&str> {
        hash.split('$').take(4).collect()
    }

    #[test]
    fn only_the_right_password_is_verified() {
        let passwords = Passwords::cheap();
        let hash = passwords.hash("correct horse").unwrap();
        let verify = |password| passwords.verify(password, Some(&hash)).unwrap();
        assert!(verify("correct horse"));
        assert!(!verify("battery staple"));
        assert!(!verify(""));
    }

    #[test]
    fn two_hashes_of_one_password_differ() {
        let passwords = Passwords::cheap();
        let [one, other] = [(); 2].map(|()| passwords.hash("correct horse").unwrap());
        assert_ne!(one, other);
    }

    #[test]
    fn unknown_user_has_no_password_and_costs_the_same() {
        let passwords = Passwords::cheap();
        // `of_nobody` is the hash of the empty password.
        for password in ["", "correct horse"] {
            assert!(!passwords.verify(password, None).unwrap());
        }
        let hash = passwords.hash("correct horse").unwrap();
        assert_eq!(cost(&passwords.of_nobody), cost(&hash));
    }

    #[test]
    fn default_parameters_are_those_of_owasp() {
        let passwords = Passwords::new(Argon2::default()).unwrap();
        let expected = ["", "argon2id", "v=19", "m=19456,t=2,p=1"];
        assert_eq!(cost(&passwords.of_nobody), expected);
    }

    #[test]
    fn damaged_hash_is_an_error() {
        let passwords = Passwords::cheap();
        assert!(passwords.verify("correct horse", Some("plain")).is_err());
    }
}
