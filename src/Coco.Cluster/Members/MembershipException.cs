namespace Coco.Cluster.Members;

/// <summary>Something about a network was to be changed, and was not.</summary>
public sealed class MembershipException : Exception
{
    internal MembershipException(MembershipError code, string message, Exception? inner = null)
        : base(message, inner) => Code = code;

    /// <summary>Why.</summary>
    public MembershipError Code { get; }

    /// <summary>Whether the same may work later.</summary>
    public bool IsTransient => Code is MembershipError.NoRoom or MembershipError.NoEffect or MembershipError.Behind;
}
