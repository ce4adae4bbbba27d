"""Writes released_figures.csv beside itself: figures from cells, worked out from "Released figures" alone.

Sums are integers, rates and means fractions, everything with a root or e has 50 digits. Needs mpmath.
"""

from fractions import Fraction
from pathlib import Path

from mpmath import exp, mp, mpf, sqrt

mp.dps = 50
Z = mpf("1.959963984540054")


def exact(value):
    value = Fraction(value)
    return mpf(value.numerator) / value.denominator


def noise_variance(thousandths):
    growth = exp(mpf(thousandths) / 2000)
    return 2 * growth / (growth - 1) ** 2


def total_variance(cells):
    return sum((noise_variance(thousandths) for thousandths, _ in cells), mpf(0))


def least(cells):
    """The least whole n that the noise lets be shown."""
    return int(mp.ceil(3 * sqrt(5 * total_variance(cells))))


def limited(value, low, high):
    return max(low, min(high, value))


def figure(cells, success, minimum):
    sums = [sum(counts[i] for _, counts in cells) for i in range(5)]
    n = max(0, sum(sums))
    variance = total_variance(cells)
    if n < minimum or n < 3 * sqrt(5 * variance):
        return None
    successes = limited(sum(sums[success - 1:]), 0, n)
    rate = Fraction(successes, n)
    mean = limited(Fraction(sum((i + 1) * sums[i] for i in range(5)), n), Fraction(1), Fraction(5))
    # Wilson: the p with (rate - p)² = z²·p(1 - p)/n, that is (n + z²)p² - (2·successes + z²)p + successes²/n = 0.
    a, b, c = n + Z**2, 2 * successes + Z**2, exact(Fraction(successes**2, n))
    root = sqrt(b**2 - 4 * a * c)
    r = 6 - success
    p = exact(rate)
    wider = Z * sqrt(variance * (r * (1 - p) ** 2 + (5 - r) * p**2)) / n
    low = limited((b - root) / (2 * a) - wider, mpf(0), mpf(1))
    high = limited((b + root) / (2 * a) + wider, mpf(0), mpf(1))
    return n, successes, p, low, high, exact(mean)


CASES = []


def case(name, cells, success=4, minimum=50):
    CASES.append((name, cells, success, minimum))


def one(*counts, at=500):
    return [(at, list(counts))]


for success in range(1, 6):
    case(f"one month; success from {success}", one(10, 20, 30, 40, 50), success)
    case(f"three months; success from {success}", one(9, 7, 12, 15, 19) + one(4, 11, 9, 20, 14) + one(12, 6, 8, 13, 21),
         success)
    case(f"all with 5; success from {success}", one(0, 0, 0, 0, 80), success)
    case(f"all with 1; success from {success}", one(80, 0, 0, 0, 0), success)
    case(f"negative numbers; success from {success}", one(-7, 31, -3, 66, 12), success)
case("successes above n", one(-20, -9, -4, 50, 60))
case("successes above n; success from 2", one(-20, 9, 4, 50, 60), 2)
case("successes above n in the sum of two months", one(-9, 0, 0, 40, 50) + one(5, -6, -1, 30, 20))
case("successes below 0", one(60, 40, 20, -8, -5))
case("successes below 0; success from 5", one(30, 20, 20, 20, -1), 5)
case("successes 0", one(60, 40, 20, -8, 8))
case("successes n", one(-8, 5, 3, 60, 40))
case("mean limited to 5", one(-30, 0, 0, 0, 120))
case("mean limited to 1", one(120, 0, 0, 0, -30))
case("mean just below 5", one(0, 0, 0, 1, 99))
case("mean just above 1", one(99, 1, 0, 0, 0))
case("sum negative", one(-12, -3, 4, -6, -1), 4, 1)
case("sum negative; minimum 0", one(-12, -3, 4, -6, -1), 4, 0)
case("sum 0", one(-5, 5, -3, 3, 0), 4, 0)
case("negative month among others", one(20, 20, 20, 60, 90) + one(-5, -3, -7, -2, -1))
case("empty month among others", one(20, 20, 20, 60, 90) + one(0, 0, 0, 0, 0))
case("only the second month positive", one(-30, -20, -10, -4, -2) + one(50, 60, 70, 80, 90))
case("n just below the minimum", one(9, 10, 10, 10, 10))
case("n at the minimum", one(10, 10, 10, 10, 10))
case("n just above the minimum", one(11, 10, 10, 10, 10))
case("n just below a minimum of 200", one(39, 40, 40, 40, 40), 4, 200)
case("n at a minimum of 200", one(40, 40, 40, 40, 40), 4, 200)
for name, epsilons in [("one month", [500]), ("one month of ε = 0.3", [300]), ("one month of ε = 1", [1000]),
                       ("one month of ε = 0.1", [100]), ("three months", [500] * 3), ("mixed ε", [250, 500, 1000]),
                       ("24 months", [500] * 24)]:
    shape = [(thousandths, [0, 1, 1, 2, 2]) for thousandths in epsilons]
    bound = least(shape)
    for difference, where in [(-1, "just below"), (0, "at")]:
        cells = [(thousandths, list(counts)) for thousandths, counts in shape]
        rest = bound + difference - 6 * len(cells)
        cells[0][1][0] += rest // 3
        cells[-1][1][3] += rest - rest // 3
        case(f"n {where} the noise's threshold; {name}", cells, 4, 1)
case("small noise; minimum decides", one(10, 5, 5, 15, 15, at=2000))
case("small noise; minimum 1", one(2, 1, 3, 5, 9, at=2000), 4, 1)
case("mixed ε", one(10, 20, 30, 40, 50, at=250) + one(12, 18, 33, 39, 61, at=500) + one(8, 22, 27, 44, 48, at=1000))
case("mixed ε; success from 5", one(10, 20, 30, 40, 50, at=300) + one(12, 18, 33, 39, 61, at=700), 5)
case("mixed ε; success from 1", one(10, 20, 30, 40, 50, at=300) + one(12, 18, 33, 39, 61, at=700), 1)
for months in (12, 60, 120):
    cells = [(500 if m % 7 else 400, [3 + m * 5 % 11 - 6, m * 3 % 7, 4 + m % 5, 6 + m * 2 % 13, 9 + m * 7 % 17])
             for m in range(months)]
    case(f"{months} months", cells)
    case(f"{months} months; success from 5", cells, 5)
case("many patients", one(20000, 30000, 50000, 400000, 500000))
case("many patients; few successes", one(900000, 90000, 9990, 7, 3))

HEADER = """\
# Figures from released cells, by released_figures.py from "Released figures". A line of numbers per case:
# case: what it is about
# cells: the subject's cells in the window, separated by |, each as ε in thousandths : the numbers of ratings 1 to 5
# success: the lowest rating that is a success
# minimum: public_minimum
# shown: yes where n >= max(minimum, 3·√(5·Σσ²)), σ² = 2·e^(ε/2)/(e^(ε/2) - 1)²; else no, and the rest is empty
# n: sum of all numbers of the cells, limited to >= 0
# successes: sum of the numbers of ratings >= success, limited to 0…n
# rate: successes/n
# low, high: Wilson's interval of successes out of n, z = 1.959963984540054, wider on both sides by
#   z·√(Σσ²·(r(1-p)² + (5-r)p²))/n with p = rate and r = 6 - success, limited to 0…1
# mean: sum of rating · number of all cells (not limited) over n, limited to 1…5
"""


def main():
    lines = ["case,cells,success,minimum,shown,n,successes,rate,low,high,mean"]
    for name, cells, success, minimum in CASES:
        text = "|".join(f"{thousandths}:{' '.join(map(str, counts))}" for thousandths, counts in cells)
        result = figure(cells, success, minimum)
        row = [name, text, str(success), str(minimum)]
        if result is None:
            row += ["no"] + [""] * 6
        else:
            n, successes, *numbers = result
            row += ["yes", str(n), str(successes)] + [mp.nstr(number, 20) for number in numbers]
        lines.append(",".join(row))
    Path(__file__).with_name("released_figures.csv").write_text(HEADER + "\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
