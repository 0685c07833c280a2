using System.Net;
using System.Net.Sockets;

namespace Coco.Tunnels;

/// <summary>Who of this machine is let in at a local end.</summary>
/// <param name="access">Who may.</param>
/// <param name="token">What the others show, where it is asked for.</param>
/// <param name="isAskedLater">Whether what is served asks for the token itself, in a protocol of its own.</param>
internal sealed class Gate(LocalAccess access, LocalToken token, bool isAskedLater = false)
{
    // Chosen: programs write their token at once.
    private static readonly TimeSpan TokenTime = TimeSpan.FromSeconds(10);

    public LocalAccess Access => access;

    /// <summary>Refuses what this machine or this kind of end cannot do.</summary>
    /// <exception cref="CocoException">Why.</exception>
    public void Check(TunnelEnd end)
    {
        if (access is LocalAccess.Token && end.Kind is TunnelKind.Udp)
        {
            throw new CocoException(CocoError.Invalid, $"Datagrams carry no token: open {end} with {nameof(LocalAccess)}.{nameof(LocalAccess.SameUser)} or .{nameof(LocalAccess.Anyone)}.");
        }
        if (access is LocalAccess.SameUser && !OperatingSystem.IsLinux())
        {
            throw new CocoException(CocoError.Invalid, $"This system does not tell whose a program is: open {end} with {nameof(LocalAccess)}.{nameof(LocalAccess.Token)} or .{nameof(LocalAccess.Anyone)}.");
        }
        if (access is not LocalAccess.Anyone && end.ToLocal() is IPEndPoint { Address: var address } && !IPAddress.IsLoopback(address))
        {
            throw new CocoException(CocoError.Invalid, $"{end} is reached from other machines: open it with {nameof(LocalAccess)}.{nameof(LocalAccess.Anyone)}, or at 127.0.0.1.");
        }
    }

    /// <summary>Whether a program may; null, or why not.</summary>
    public async Task<CocoException?> AdmitAsync(Socket socket, CancellationToken cancellationToken) => access switch
    {
        LocalAccess.Anyone => null,
        LocalAccess.Token when isAskedLater => null,
        LocalAccess.SameUser => IsSameUser(socket) ? null : NotSameUser(),
        _ => await HasTokenAsync(socket, cancellationToken).ConfigureAwait(false) ? null : TunnelFailures.Refused("A program without the app's token was turned away. Its first line must be the token."),
    };

    /// <summary>Whether datagrams from an address are let in; null, or why not.</summary>
    public CocoException? Admit(IPEndPoint sender, IPEndPoint local) =>
        access is LocalAccess.Anyone || LocalUser.OwnsUdp(sender, local) ? null : NotSameUser();

    private static bool IsSameUser(Socket socket) => socket.AddressFamily is AddressFamily.Unix
        ? LocalUser.OwnsUnix(socket)
        : socket is { RemoteEndPoint: IPEndPoint remote, LocalEndPoint: IPEndPoint local } && LocalUser.OwnsTcp(remote, local);

    private static CocoException NotSameUser() => TunnelFailures.Refused("A program of another user, or one whose user could not be determined, was turned away.");

    // Not a byte more than the line: what follows is the tunnel's.
    private async Task<bool> HasTokenAsync(Socket socket, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(TokenTime);
        var line = new byte[token.Length + 1];
        for (var at = 0; at < line.Length;)
        {
            var count = await socket.ReceiveAsync(line.AsMemory(at), SocketFlags.None, patience.Token).ConfigureAwait(false);
            if (count == 0) { return false; }
            at += count;
        }
        return line[^1] == '\n' & token.Matches(line.AsSpan(0, token.Length));
    }
}
