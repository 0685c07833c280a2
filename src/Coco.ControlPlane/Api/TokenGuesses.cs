using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Coco.ControlPlane.Settings;

namespace Coco.ControlPlane.Api;

/// <summary>
/// How often an address may send tokens that nobody has, each of which costs a look into the database: as often as it may ask without one. The rates of callers do not
/// count them, as it takes the look to know who calls. What comes at once, before the first was looked for, is paid for afterwards. Tokens that held lately are looked
/// for all the same, so whoever shares an address with somebody who guesses goes on.
/// </summary>
internal sealed class TokenGuesses(ControlPlaneSettings settings, TimeProvider time)
{
    private const int MaxAddresses = 100_000; // chosen: some ten megabytes
    private const int MaxTokens = 50_000; // chosen: of each of two generations, two megabytes

    private readonly double _perSecond = settings.Rates.AnonymousPerSecond;
    private readonly double _burst = 5.0 * settings.Rates.AnonymousPerSecond;
    private readonly Lock _gate = new(); // guards what is below
    private readonly Dictionary<string, Debt> _debts = new(StringComparer.Ordinal);
    private HashSet<UInt128> _good = [];
    private HashSet<UInt128> _goodBefore = [];

    /// <summary>Whether a token may be looked for.</summary>
    /// <param name="address">Where it comes from.</param>
    /// <param name="token">The token.</param>
    /// <returns>How long to wait before; null where it may.</returns>
    public TimeSpan? WaitOf(string address, string token)
    {
        var name = NameOf(token);
        lock (_gate)
        {
            if (_good.Contains(name) || _goodBefore.Contains(name) || !_debts.TryGetValue(address, out var debt)) { return null; }
            var left = LeftOf(debt);
            return left < _burst ? null : TimeSpan.FromSeconds((left - _burst + 1) / _perSecond);
        }
    }

    /// <summary>The token holds.</summary>
    public void Held(string token)
    {
        var name = NameOf(token);
        lock (_gate)
        {
            if (_good.Contains(name)) { return; }
            if (_good.Count == MaxTokens) { (_goodBefore, _good) = (_good, []); }
            _good.Add(name);
        }
    }

    /// <summary>The token does not hold, or not any more.</summary>
    public void Failed(string address, string token)
    {
        var name = NameOf(token);
        lock (_gate)
        {
            _good.Remove(name);
            _goodBefore.Remove(name);
            if (_debts.Count >= MaxAddresses && !_debts.ContainsKey(address)) { Forget(); }
            _debts[address] = new((_debts.TryGetValue(address, out var debt) ? LeftOf(debt) : 0) + 1, time.GetTimestamp());
        }
    }

    // Those that have paid, which takes a look at all of them once in so many; where nobody has, all: a flood from so many addresses is not stopped by this.
    private void Forget()
    {
        foreach (var (address, debt) in _debts.ToArray())
        {
            if (LeftOf(debt) <= 0) { _debts.Remove(address); }
        }
        if (_debts.Count > MaxAddresses / 2) { _debts.Clear(); }
    }

    private double LeftOf(Debt debt) => Math.Max(0, debt.Owed - (time.GetElapsedTime(debt.At).TotalSeconds * _perSecond));

    private static UInt128 NameOf(string token)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(token), hash);
        return BinaryPrimitives.ReadUInt128BigEndian(hash);
    }

    private readonly record struct Debt(double Owed, long At);
}
