//! C76: every order of the steps of two requests with the same cookie, in one process and in two.

use std::time::Duration;

use actix_secure_session_tests::T0;
use secure_session::{
    __private::revocation::content,
    Session, SessionOrigin,
    test_util::{ResponseSession, TestSession},
};

use super::{
    support::{Auth, AuthField, AuthSelector, cookie_of},
    world::World,
};

const DAY: Duration = Duration::from_secs(86_400);

/// What a request does between opening its session and the response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    Touch,
    Write,
    RememberFor,
    Destroy,
    SignIn,
    Reauthenticate,
    Regenerate,
    RegenerateKeeping,
    ClearIdentity,
    OtherIdentity,
    RevokeSession,
    RevokeAll,
    RevokeOthers,
    RevokeEveryone,
}

const ACTS: [Act; 14] = [
    Act::Touch,
    Act::Write,
    Act::RememberFor,
    Act::Destroy,
    Act::SignIn,
    Act::Reauthenticate,
    Act::Regenerate,
    Act::RegenerateKeeping,
    Act::ClearIdentity,
    Act::OtherIdentity,
    Act::RevokeSession,
    Act::RevokeAll,
    Act::RevokeOthers,
    Act::RevokeEveryone,
];

impl Act {
    /// Ends the session that the request received, if it was valid.
    fn ends_id(self) -> bool {
        matches!(
            self,
            Self::Destroy
                | Self::SignIn
                | Self::Reauthenticate
                | Self::Regenerate
                | Self::ClearIdentity
                | Self::RevokeSession
        )
    }

    /// Ends all sessions of the user that are not spared.
    fn ends_group(self) -> bool {
        matches!(
            self,
            Self::RevokeAll | Self::RevokeOthers | Self::RevokeEveryone
        )
    }

    /// Ends the session only when its replacement is encrypted.
    fn ends_at_seal(self) -> bool {
        matches!(
            self,
            Self::Reauthenticate | Self::Regenerate | Self::ClearIdentity
        )
    }

    /// The user presents a credential, so the session may go on under another id.
    fn has_credential(self) -> bool {
        matches!(self, Self::SignIn | Self::Reauthenticate)
    }
}

/// The steps of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Open,
    Act,
    Seal,
    Look,
}

struct Request {
    process: usize,
    act: Act,
    test: Option<TestSession<Auth>>,
    session: Session<Auth>,
    sealed: Option<Box<dyn FnOnce() -> ResponseSession<Auth>>>,
    sent: Option<String>,
    /// The session was valid when it was opened.
    is_restored: bool,
    /// When each step was.
    acted_at: usize,
    ended_at: usize,
    looked_at: usize,
}

impl Request {
    fn new(world: &World, process: usize, act: Act, cookie: &str) -> Self {
        let test = world.site(process).request(cookie);
        Self {
            process,
            act,
            session: test.session(),
            test: Some(test),
            sealed: None,
            sent: None,
            is_restored: false,
            acted_at: usize::MAX,
            ended_at: usize::MAX,
            looked_at: usize::MAX,
        }
    }

    fn step(&mut self, step: Step, at: usize, world: &mut World) {
        match step {
            Step::Open => {
                let origin = self.session.info().origin();
                self.is_restored = origin == SessionOrigin::Restored;
            }
            Step::Act => {
                self.acted_at = at;
                if !self.act.ends_at_seal() {
                    self.ended_at = at;
                }
                self.act(world);
            }
            Step::Seal => {
                if self.act.ends_at_seal() {
                    self.ended_at = at;
                }
                let test = self.test.take().expect("sealed once");
                self.sealed = Some(Box::new(test.__close()));
            }
            Step::Look => {
                self.looked_at = at;
                let look = self.sealed.take().expect("sealed before");
                self.sent = cookie_of(&look());
            }
        }
    }

    fn act(&self, world: &mut World) {
        let auth = &self.session;
        let revocations = world.site(self.process).revocations.clone();
        match self.act {
            Act::Touch => auth.touch(),
            Act::Write => auth.update_visits(|visits| *visits += 1),
            Act::RememberFor => auth.remember_for(30 * DAY),
            Act::Destroy => auth.destroy(),
            Act::SignIn => {
                auth.sign_in();
                auth.set_user_id(42);
            }
            Act::Reauthenticate => auth.reauthenticate(),
            Act::Regenerate => auth.regenerate(),
            Act::RegenerateKeeping => {
                auth.regenerate_keeping(&[AuthField::UserId, AuthField::Tenant]);
            }
            Act::ClearIdentity => auth.clear_user_id(),
            Act::OtherIdentity => auth.set_user_id(43),
            Act::RevokeSession => {
                if let Some(id) = auth.info().id() {
                    drop(revocations.revoke_session::<Auth>(id));
                }
            }
            Act::RevokeAll => drop(revocations.revoke_all(AuthSelector::UserId(42))),
            Act::RevokeEveryone => drop(revocations.revoke_everyone::<Auth>()),
            Act::RevokeOthers => {
                let result = world.revoke_others(self.process, auth, AuthSelector::UserId(42));
                assert_eq!(result, Ok(()));
            }
        }
    }

    /// Returns true if the request ends the session that both received. Of two that replace it, only
    /// the first does.
    fn ends_id_of(&self, other: &Self) -> bool {
        let ends_any = matches!(self.act, Act::Destroy | Act::SignIn);
        let is_second = self.process == other.process
            && self.act.ends_at_seal()
            && other.act.ends_at_seal()
            && other.ended_at < self.ended_at;
        self.act.ends_id() && (ends_any || self.is_restored) && !is_second
    }

    /// Returns true if the other request ended this session in a way that this process knew before
    /// it looked for the last time.
    fn knew_the_end_by(&self, other: &Self, delivered_at: Option<usize>) -> bool {
        let learned_at = if self.process == other.process {
            other.ended_at
        } else {
            match delivered_at {
                Some(delivered_at) if other.ended_at < delivered_at => delivered_at,
                _ => usize::MAX,
            }
        };
        learned_at < self.looked_at
    }
}

/// All orders of two sequences of four steps: who takes the next step.
fn orders() -> Vec<[usize; 8]> {
    let orders = (0_u32..256).filter(|bits| bits.count_ones() == 4);
    orders
        .map(|bits| std::array::from_fn(|step| usize::from(bits >> step & 1 == 1)))
        .collect()
}

#[derive(Default, Debug)]
struct Counts {
    runs: u32,
    sent: u32,
    accepted: u32,
    refused: u32,
}

/// Runs one order. `delivered_at` is the step before which both processes learn everything.
fn run(
    acts: [Act; 2],
    processes: [usize; 2],
    order: &[usize; 8],
    delivered_at: Option<usize>,
    counts: &mut Counts,
) {
    let context = || format!("{acts:?} in {processes:?}, order {order:?}, {delivered_at:?}");
    let mut world = World::new(1 + processes[0].max(processes[1]));
    let cookie = world.site(0).signed_in();
    let mut requests =
        [0, 1].map(|which| Request::new(&world, processes[which], acts[which], &cookie));
    let mut next = [0, 0];
    for (at, which) in order.iter().copied().enumerate() {
        if delivered_at == Some(at) {
            world.exchange();
        }
        let step = [Step::Open, Step::Act, Step::Seal, Step::Look][next[which]];
        next[which] += 1;
        requests[which].step(step, at, &mut world);
    }
    world.exchange();
    counts.runs += 1;
    for (request, other) in [(&requests[0], &requests[1]), (&requests[1], &requests[0])] {
        let Some(sent) = &request.sent else {
            continue;
        };
        counts.sent += 1;
        let accepting = (0..world.processes.len()).filter(|it| world.site(*it).accepts(sent));
        let is_accepted = accepting.count() > 0;
        if is_accepted {
            counts.accepted += 1;
        } else {
            counts.refused += 1;
        }
        let is_ended_by_id = other.ends_id_of(request) || request.act == Act::RevokeSession;
        let is_ended_by_group = other.act.ends_group()
            || (request.act.ends_group() && request.act != Act::RevokeOthers);
        let knew = request.knew_the_end_by(other, delivered_at);
        if request.act == Act::SignIn {
            // Only a revocation after the credential ends it.
            let is_later = other.act.ends_group() && request.acted_at < other.acted_at;
            assert!(!(is_later && is_accepted), "{}", context());
        } else if request.act.has_credential() {
            assert!(!(other.ends_id_of(request) && knew), "sent: {}", context());
            let is_later = other.act.ends_group() && request.acted_at < other.acted_at;
            assert!(!(is_later && is_accepted), "{}", context());
        } else if request.act == Act::OtherIdentity {
            assert!(!(is_ended_by_id && is_accepted), "{}", context());
            assert!(!(other.act.ends_group() && knew), "sent: {}", context());
        } else if is_ended_by_id || is_ended_by_group {
            assert!(!is_accepted, "{}", context());
            if is_ended_by_id && request.act != Act::RevokeSession {
                assert!(!knew, "sent: {}", context());
            }
        } else if !matches!(request.act, Act::Regenerate | Act::ClearIdentity) {
            assert!(is_accepted, "nobody ended it: {}", context());
        }
    }
    // Past the end of every entry, no copy is valid again.
    let latest = world.log.iter().map(|entry| content(entry).3).max();
    let after = latest.map_or(T0 + 31 * 86_400, |minutes| u64::from(minutes) * 60 + 1);
    world.clock.set(after);
    for member in &world.processes {
        member.process.sweep();
        member.process.hear();
        for request in &requests {
            let sent = request.sent.as_ref();
            assert!(
                !sent.is_some_and(|sent| member.site.accepts(sent)),
                "valid again: {}",
                context()
            );
        }
        assert!(!member.site.accepts(&cookie), "the first: {}", context());
    }
}

#[test]
fn nothing_live_is_sent_after_the_end_in_any_order_in_one_process() {
    let mut counts = Counts::default();
    for one in ACTS {
        for other in ACTS {
            for order in orders() {
                run([one, other], [0, 0], &order, None, &mut counts);
            }
        }
    }
    assert!(
        counts.accepted > 1000 && counts.refused > 1000,
        "{counts:?}"
    );
}

#[test]
fn nothing_live_is_sent_after_the_end_in_any_order_in_two_processes() {
    let mut counts = Counts::default();
    for one in ACTS {
        for other in ACTS {
            for (index, order) in orders().into_iter().enumerate() {
                // Every step at which the processes may learn from each other, and never.
                let delivered_at = [None, Some(1 + index % 7)];
                for delivered_at in delivered_at {
                    run([one, other], [0, 1], &order, delivered_at, &mut counts);
                }
            }
        }
    }
    assert!(
        counts.accepted > 1000 && counts.refused > 1000,
        "{counts:?}"
    );
}
