using System.Net;
using System.Net.Sockets;

namespace Coco.Media;

/// <summary>Streams of bytes and datagrams of other programs as tracks, and tracks as those.</summary>
public static class MediaPumps
{
    private const int MaxDatagram = 65_535;

    /// <summary>Publishes what is read from a stream until it ends, as soon as it is read: for live input, since nobody who receives slowly is waited for.</summary>
    /// <param name="track">Where to.</param>
    /// <param name="source">Where from.</param>
    /// <param name="options">How it is cut.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task WriteFromAsync(this PublishedTrack track, Stream source, CutOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(track);
        ArgumentNullException.ThrowIfNull(source);
        options ??= new();
        var cutter = new GroupCutter(options);
        var buffer = new byte[Math.Max(options.ObjectBytes / options.Alignment, 1) * options.Alignment];
        var filled = 0;
        while (true)
        {
            var read = await source.ReadAsync(buffer.AsMemory(filled), cancellationToken).ConfigureAwait(false);
            filled += read;
            var whole = read == 0 ? filled : filled / options.Alignment * options.Alignment;
            if (whole > 0) { track.Write(buffer.AsSpan(0, whole), cutter.Begins(whole, track.StreamTime)); }
            if (read == 0) { return; }
            buffer.AsSpan(whole, filled - whole).CopyTo(buffer);
            filled -= whole;
        }
    }

    /// <summary>Publishes the datagrams that a bound UDP socket receives, such as RTP or MPEG-TS, an object each.</summary>
    /// <param name="track">Where to.</param>
    /// <param name="source">Where from.</param>
    /// <param name="options">Where groups begin.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task WriteFromAsync(this PublishedTrack track, Socket source, CutOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(track);
        ArgumentNullException.ThrowIfNull(source);
        var cutter = new GroupCutter(options ?? new());
        var buffer = new byte[MaxDatagram];
        while (true)
        {
            try
            {
                var length = await source.ReceiveAsync(buffer, cancellationToken).ConfigureAwait(false);
                track.Write(buffer.AsSpan(0, length), cutter.Begins(length, track.StreamTime));
            }
            catch (SocketException exception) when (exception.SocketErrorCode is SocketError.ConnectionReset or SocketError.ConnectionRefused or SocketError.MessageSize)
            {
                // Of a datagram that was sent from there before, or one too large: the next may come.
            }
        }
    }

    /// <summary>Writes what comes on a track to a stream, in order and without what is late, until the stream is over. Returns how many objects were missing.</summary>
    /// <param name="subscription">Where from.</param>
    /// <param name="destination">Where to.</param>
    /// <param name="track">Which track; null for the first.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<long> CopyToAsync(this StreamSubscription subscription, Stream destination, string? track = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(subscription);
        ArgumentNullException.ThrowIfNull(destination);
        var lost = 0L;
        await foreach (var item in subscription.ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            if (item.Track != (track ??= item.Track)) { continue; }
            lost += item.Lost;
            await destination.WriteAsync(item.Data, cancellationToken).ConfigureAwait(false);
            await destination.FlushAsync(cancellationToken).ConfigureAwait(false);
        }
        return lost;
    }

    /// <summary>Sends the objects of a track as datagrams, in order and without what is late, until the stream is over. Returns how many were missing.</summary>
    /// <param name="subscription">Where from.</param>
    /// <param name="socket">A UDP socket to send from.</param>
    /// <param name="destination">Where to.</param>
    /// <param name="track">Which track; null for the first.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<long> SendToAsync(
        this StreamSubscription subscription, Socket socket, EndPoint destination, string? track = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(subscription);
        ArgumentNullException.ThrowIfNull(socket);
        ArgumentNullException.ThrowIfNull(destination);
        var lost = 0L;
        await foreach (var item in subscription.ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            if (item.Track != (track ??= item.Track)) { continue; }
            lost += item.Lost;
            try
            {
                await socket.SendToAsync(item.Data, SocketFlags.None, destination, cancellationToken).ConfigureAwait(false);
            }
            catch (SocketException)
            {
                lost++; // the player is not there yet, or the object is larger than a datagram
            }
        }
        return lost;
    }
}
