#!/usr/bin/perl
# Pi to as many digits as wanted: of what bc -l can do, the one thing that manifests ask of it ("scale=N; 4*a(1)"), in
# seconds. By Machin's formula on numbers in limbs of 12 decimal digits; printed as bc does, in lines of 69 characters.

use strict;
use warnings;
use integer;

my ($scale) = join('', <STDIN>) =~ /^scale=(\d+);\s*4\*a\(1\)\s*$/ or die "bc: only 4*a(1) is known\n";
my $base = 1_000_000_000_000;
my $limbs = $scale / 12 + 3; # The last ones take what division cuts off.

# Divides in place from the first limb that is not zero; returns where that is afterwards.
sub divide {
    my ($number, $by, $first) = @_;
    my $rest = 0;
    for my $i ($first .. $limbs - 1) {
        my $value = $rest * $base + $number->[$i];
        $number->[$i] = $value / $by;
        $rest = $value % $by;
    }
    $first++ while $first < $limbs && $number->[$first] == 0;
    return $first;
}

# Adds factor * arctan(1 / x) to the sum.
sub add_arctan {
    my ($sum, $factor, $x) = @_;
    my @power = ($factor, (0) x ($limbs - 1));
    my $first = divide(\@power, $x, 0);
    my $sign = 1;
    for (my $k = 1; $first < $limbs; $k += 2) {
        my $rest = 0;
        for my $i ($first .. $limbs - 1) {
            my $value = $rest * $base + $power[$i];
            $sum->[$i] += $sign * ($value / $k);
            $rest = $value % $k;
        }
        $sign = -$sign;
        $first = divide(\@power, $x * $x, $first);
    }
}

my @pi = (0) x $limbs;
add_arctan(\@pi, 16, 5);
add_arctan(\@pi, -4, 239);
for my $i (reverse 1 .. $limbs - 1) {
    my $digit = ($pi[$i] % $base + $base) % $base;
    $pi[$i - 1] += ($pi[$i] - $digit) / $base;
    $pi[$i] = $digit;
}
my $digits = join '', map { sprintf '%012d', $_ } @pi[1 .. $limbs - 1];
my $text = "$pi[0]." . substr $digits, 0, $scale;
print join("\\\n", unpack '(A68)*', $text), "\n";
