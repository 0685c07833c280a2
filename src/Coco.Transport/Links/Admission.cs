using Coco.Traversal;

namespace Coco.Transport.Links;

/// <summary>The place of one accepted link, until disposed of.</summary>
internal sealed class Admission(Admissions admissions, NetworkAddress key) : IDisposable
{
    private int _authenticated;
    private int _left;

    /// <summary>Whether <see cref="Authenticate"/> was called.</summary>
    public bool IsAuthenticated => Volatile.Read(ref _authenticated) != 0;

    /// <summary>The link no longer counts among those that nobody knows.</summary>
    public void Authenticate()
    {
        if (Interlocked.Exchange(ref _authenticated, 1) == 0) { admissions.Authenticated(key); }
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _left, 1) != 0) { return; }
        Authenticate();
        admissions.Left();
    }
}
