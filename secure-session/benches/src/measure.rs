//! Rounds over all cases, each time in another order, so that other activity of the machine affects
//! all of them alike.

use std::{
    collections::HashMap,
    hint::black_box,
    time::{Duration, Instant},
};

use serde::Serialize;

use crate::{machine, target::Pending};

/// The minimum length of a measurement. It is long enough for the clock and an interrupt to matter
/// little, and shorter than the time slice of a busy system, so that some fall within one.
const BATCH: Duration = Duration::from_millis(1);

/// How often a measurement is repeated if another program had the processor meanwhile.
const TRIES: u32 = 50;

/// Work that can be repeated.
pub struct Case {
    name: String,
    run: Box<dyn FnMut(u32) -> Pending<Duration>>,
    /// Repetitions in one measurement.
    count: u32,
    /// Nanoseconds of the fastest repetition.
    fastest: f64,
}

impl Case {
    /// Work that measures itself: it takes the number of repetitions and returns their time.
    pub fn timed(
        name: impl Into<String>,
        run: impl FnMut(u32) -> Pending<Duration> + 'static,
    ) -> Self {
        Self {
            name: name.into(),
            run: Box::new(run),
            count: 1,
            fastest: f64::INFINITY,
        }
    }

    /// A function; dropping its result is part of the measured time.
    pub fn of<R>(name: impl Into<String>, mut work: impl FnMut() -> R + 'static) -> Self {
        Self::timed(name, move |count| {
            let start = Instant::now();
            for _ in 0..count {
                drop(black_box(work()));
            }
            let time = start.elapsed();
            Box::pin(std::future::ready(time))
        })
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// Repeats the work this number of times.
    pub async fn repeat(&mut self, count: u32) -> Duration {
        (self.run)(count).await
    }

    /// Finds the number of repetitions.
    async fn calibrate(&mut self) {
        while (self.run)(self.count).await < BATCH {
            self.count *= 2;
        }
        for _ in 0..3 {
            self.sample().await;
        }
    }

    /// A measurement during which no other program had the processor, if one succeeds.
    async fn sample(&mut self) -> Sample {
        let mut tries = 0;
        loop {
            let before = machine::preemptions();
            let nanoseconds = self.once().await;
            let disturbed = machine::preemptions() != before;
            tries += 1;
            if !disturbed || tries == TRIES {
                return Sample {
                    nanoseconds,
                    disturbed,
                };
            }
        }
    }

    /// Nanoseconds of one repetition.
    async fn once(&mut self) -> f64 {
        let time = (self.run)(self.count).await;
        let each = time.as_secs_f64() * 1e9 / f64::from(self.count);
        if each < self.fastest {
            self.fastest = each;
            // A disturbed measurement made the number look sufficient.
            while self.fastest * f64::from(self.count) < BATCH.as_secs_f64() * 1e9 {
                self.count += self.count.div_ceil(8);
            }
        }
        each
    }
}

struct Sample {
    nanoseconds: f64,
    disturbed: bool,
}

/// Nanoseconds of one repetition, over the rounds.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Summary {
    pub minimum: f64,
    pub median: f64,
    pub maximum: f64,
}

impl Summary {
    pub fn of(mut samples: Vec<f64>) -> Self {
        samples.sort_by(f64::total_cmp);
        let at = |index: usize| samples.get(index).copied().unwrap_or(f64::NAN);
        let middle = samples.len() / 2;
        let median = if samples.len() % 2 == 1 {
            at(middle)
        } else {
            f64::midpoint(at(middle.saturating_sub(1)), at(middle))
        };
        Self {
            minimum: at(0),
            median,
            maximum: at(samples.len().saturating_sub(1)),
        }
    }
}

/// Nanoseconds computed from several cases: from their medians, and from their minima, which are
/// also valid on a busy machine.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Cost {
    pub median: f64,
    pub minimum: f64,
}

impl Cost {
    /// The cost of `time` above `base`.
    pub fn added(time: Summary, base: Summary) -> Self {
        Self {
            median: time.median - base.median,
            minimum: time.minimum - base.minimum,
        }
    }

    /// The ratio to another cost; `None` if that is zero.
    pub fn over(self, other: Self) -> Option<Self> {
        (other.median > 0.0 && other.minimum > 0.0).then(|| Self {
            median: self.median / other.median,
            minimum: self.minimum / other.minimum,
        })
    }
}

/// The results, by the names of the cases.
pub struct Measured {
    times: HashMap<String, Summary>,
    /// The number of measurements, of all cases and rounds, in which another program had the
    /// processor.
    pub disturbed: usize,
}

impl Measured {
    /// # Panics
    ///
    /// Panics if the case was not measured.
    pub fn get(&self, name: &str) -> Summary {
        *(self.times.get(name)).unwrap_or_else(|| panic!("{name} was not measured"))
    }
}

/// Measures every case once per round; `before` runs at the start of each round.
pub async fn measure(
    mut cases: Vec<Case>,
    rounds: usize,
    before: impl AsyncFn() -> Result<(), String>,
) -> Result<Measured, String> {
    before().await?;
    for case in &mut cases {
        case.calibrate().await;
    }
    let mut samples: Vec<Vec<f64>> = vec![Vec::with_capacity(rounds); cases.len()];
    let mut disturbed = 0;
    let mut order: Vec<usize> = (0..cases.len()).collect();
    for _ in 0..rounds {
        before().await?;
        shuffle(&mut order)?;
        for &index in &order {
            let sample = cases[index].sample().await;
            disturbed += usize::from(sample.disturbed);
            samples[index].push(sample.nanoseconds);
        }
    }
    let names = cases.into_iter().map(|case| case.name);
    let summaries = samples.into_iter().map(Summary::of);
    Ok(Measured {
        times: names.zip(summaries).collect(),
        disturbed,
    })
}

/// Fisher–Yates shuffle.
fn shuffle(order: &mut [usize]) -> Result<(), String> {
    for last in (1..order.len()).rev() {
        let random = getrandom::u64().map_err(|err| err.to_string())?;
        let bound = u64::try_from(last).unwrap_or(u64::MAX) + 1;
        order.swap(last, usize::try_from(random % bound).unwrap_or(0));
    }
    Ok(())
}
