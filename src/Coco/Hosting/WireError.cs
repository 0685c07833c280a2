namespace Coco.Hosting;

/// <summary>Codes with which nodes end streams and connections. Others are the app's.</summary>
internal enum WireError : ulong
{
    /// <summary>The stream begins with a kind that this version does not know.</summary>
    UnknownStreamKind = 0x0C0C_0010,

    /// <summary>The peer is no member, has not shown it in time, or is none any more.</summary>
    NotMember = 0x0C0C_0011,

    /// <summary>The policy does not allow the service.</summary>
    Denied = 0x0C0C_0012,

    /// <summary>Too much at once.</summary>
    TooMany = 0x0C0C_0013,

    /// <summary>The session of the stream has ended.</summary>
    SessionEnded = 0x0C0C_0014,

    /// <summary>The bytes make no sense.</summary>
    Malformed = 0x0C0C_0015,

    /// <summary>Nobody needs the connection any more.</summary>
    Unused = 0x0C0C_0016,

    /// <summary>The node offers no service of that name, or another kind of it.</summary>
    NotOffered = 0x0C0C_0020,

    /// <summary>What stands behind the service does not answer.</summary>
    TargetUnavailable = 0x0C0C_0021,

    /// <summary>What is at the tunnel's other end was reset.</summary>
    TunnelReset = 0x0C0C_0022,

    /// <summary>The disk takes nothing.</summary>
    NotStored = 0x0C0C_0030,

    /// <summary>What was to be sent, or comes, is of no use any more.</summary>
    Late = 0x0C0C_0060,
}
