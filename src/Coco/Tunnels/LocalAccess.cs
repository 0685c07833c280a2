namespace Coco.Tunnels;

/// <summary>Which programs of this machine may use a local end.</summary>
public enum LocalAccess
{
    /// <summary>Those that hold the app's token (<see cref="NodeTunnels.Token"/>): a proxy takes it as password, any other local end as its first line.
    /// Not for UDP.</summary>
    Token,

    /// <summary>Those of the same user. The system says whose a program is; where it does not, the program is refused.</summary>
    SameUser,

    /// <summary>Whoever can reach the local end, of whatever user; from other machines where it is no loopback address.</summary>
    Anyone,
}
