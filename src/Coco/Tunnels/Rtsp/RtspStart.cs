using System.Net;
using System.Net.Sockets;

namespace Coco.Tunnels.Rtsp;

/// <summary>
/// Finds out whether a program's connection carries RTSP. The peer says so in its answer, and a program's bytes do not wait for that: only those that look like
/// a player's do, so that no request has gone on before it is known what to make of it.
/// </summary>
internal static class RtspStart
{
    private const int Looked = 32;

    /// <summary>Where the program is and what it has connected to, if it is a player; else null. A peer that does not answer is none of this method's
    /// business.</summary>
    /// <param name="program">The program. Nothing is taken from it.</param>
    /// <param name="answer">The peer's answer.</param>
    public static async Task<(IPEndPoint Local, IPEndPoint Remote)?> FindPlayerAsync(Socket program, Task<TunnelAnswer> answer)
    {
        // Where nobody has an address there is nowhere to send media to: the other end takes it for a program that knows nothing of it.
        if (AddressesOf(program) is not { } addresses) { return null; }
        if (!answer.IsCompleted && !await LooksLikeItAsync(program, answer).ConfigureAwait(false)) { return null; }
        await Task.WhenAny(answer).ConfigureAwait(false);
        return answer.IsCompletedSuccessfully && await answer.ConfigureAwait(false) is TunnelAnswer.Rtsp ? addresses : null;
    }

    private static (IPEndPoint Local, IPEndPoint Remote)? AddressesOf(Socket program)
    {
        try
        {
            return program is { LocalEndPoint: IPEndPoint local, RemoteEndPoint: IPEndPoint remote } ? (local, remote) : null;
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            return null;
        }
    }

    // True too where the answer came first.
    private static async Task<bool> LooksLikeItAsync(Socket program, Task<TunnelAnswer> answer)
    {
        using var over = new CancellationTokenSource();
        var bytes = new byte[Looked];
        var peeking = PeekAsync(program, bytes, over.Token);
        if (await Task.WhenAny(peeking, answer).ConfigureAwait(false) != peeking) { await over.CancelAsync().ConfigureAwait(false); }
        try
        {
            var length = await peeking.ConfigureAwait(false);
            return length > 0 && RtspReader.MayBegin(bytes.AsSpan(0, length));
        }
        catch (OperationCanceledException)
        {
            return true;
        }
        catch (SocketException)
        {
            // The system says it once: who reads again would take the program's reset for an end.
            Splice.Reset(program);
            return false;
        }
        catch (ObjectDisposedException)
        {
            return false; // closed here meanwhile, which the copying finds too
        }
    }

    private static async Task<int> PeekAsync(Socket program, byte[] bytes, CancellationToken cancellationToken) =>
        await program.ReceiveAsync(bytes, SocketFlags.Peek, cancellationToken).ConfigureAwait(false);
}
