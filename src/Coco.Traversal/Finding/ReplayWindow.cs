namespace Coco.Traversal.Finding;

/// <summary>Which of the newest numbers have been seen, so that nothing counts twice. What is older than the window counts as seen.</summary>
internal sealed class ReplayWindow
{
    public const int Size = 2048;

    private ulong[]? _seen; // null while nothing below _next is missing: on a quiet path numbers come in order
    private ulong _next; // one past the highest seen

    public bool HasSeen(ulong number)
    {
        if (number >= _next) { return false; }
        return _seen is null || _next - number > Size || (_seen[Word(number)] & Bit(number)) != 0;
    }

    /// <summary>Notes a number that was shown to be the peer's.</summary>
    public void Mark(ulong number)
    {
        if (_seen is null && number == _next) { _next++; return; }
        if (_seen is null)
        {
            _seen = new ulong[Size / 64];
            Array.Fill(_seen, ulong.MaxValue);
        }
        if (number >= _next)
        {
            if (number - _next >= Size) { Array.Clear(_seen); }
            else
            {
                for (var skipped = _next; skipped < number; skipped++) { _seen[Word(skipped)] &= ~Bit(skipped); }
            }
            _seen[Word(number)] &= ~Bit(number);
            _next = number + 1;
        }
        _seen[Word(number)] |= Bit(number);
    }

    /// <summary>Gives up waiting for what is missing: it counts as seen from now on, and costs no memory.</summary>
    public void Rest() => _seen = null;

    private static int Word(ulong number) => (int)(number % Size / 64);

    private static ulong Bit(ulong number) => 1UL << (int)(number % 64);
}
