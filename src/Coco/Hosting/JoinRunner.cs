using Coco.Cluster.Invitations;
using Coco.Cluster.Members;
using Coco.Cluster.Membership;
using Coco.Crypto;
using Coco.Transport;
using Coco.Transport.Udp;

namespace Coco.Hosting;

/// <summary>Drives a <see cref="Joiner"/> over connections of an identity that belongs to nothing yet.</summary>
internal sealed class JoinRunner(Endpoint endpoint, NodeId self, TimeProvider time)
{
    private readonly long _start = time.GetTimestamp();
    private Connection? _connection;
    private ConnectionStream? _stream;

    private TimeSpan Now => time.GetElapsedTime(_start);

    /// <summary>Joins. What comes back belongs to the ticket's network; the connection is open still, and the caller's.</summary>
    /// <exception cref="CocoException">The node was not let in.</exception>
    public async Task<(JoinerOutput.Joined Welcome, Connection Connection)> RunAsync(Ticket ticket, JoinWish wish, TimeSpan patience, CancellationToken cancellationToken)
    {
        var joiner = new Joiner(ticket, self, wish, new WelcomeStatements(new MembershipOptions()), new() { GiveUpAfter = patience }, Now);
        try
        {
            while (true)
            {
                while (joiner.TryTakeOutput(out var output))
                {
                    switch (output)
                    {
                        case JoinerOutput.Connect connect: await ConnectAsync(joiner, connect.Sponsor, cancellationToken).ConfigureAwait(false); break;
                        case JoinerOutput.Send send: await SendAsync(joiner, send.Frame, cancellationToken).ConfigureAwait(false); break;
                        case JoinerOutput.Close: await CloseAsync().ConfigureAwait(false); break;
                        case JoinerOutput.Failed failed: throw Failures.Of(failed.Reason);
                        case JoinerOutput.Joined joined:
                            await _stream!.DisposeAsync().ConfigureAwait(false);
                            var connection = _connection!;
                            _connection = null;
                            return (joined, connection);
                    }
                }
                await WaitAsync(joiner, cancellationToken).ConfigureAwait(false);
                joiner.HandleTimeout(Now);
            }
        }
        finally
        {
            await CloseAsync().ConfigureAwait(false);
        }
    }

    private async Task ConnectAsync(Joiner joiner, TicketSponsor sponsor, CancellationToken cancellationToken)
    {
        var hints = new ConnectHints
        {
            Addresses = [.. sponsor.Addresses.Select(static address => address.ToIPEndPoint())],
            Relays = sponsor.Relays,
            CallAs = self,
        };
        var exporter = new byte[JoinBinding.ExporterSize];
        try
        {
            _connection = await endpoint.ConnectAsync(sponsor.Id, hints, cancellationToken).ConfigureAwait(false);
            _stream = await _connection.OpenStreamAsync(cancellationToken: cancellationToken).ConfigureAwait(false);
            await _stream.WriteAsync(StreamHeader.Of(StreamKind.Join), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is TransportException or TimeoutException)
        {
            joiner.HandleChannelClosed(Now);
            return;
        }
        if (_connection.TryExportKeyingMaterial(JoinStream.ExporterLabel, [], exporter)) { joiner.HandleChannel(sponsor.Id, exporter, Now); }
        else { joiner.HandleChannelClosed(Now); }
    }

    private async Task SendAsync(Joiner joiner, JoinFrame frame, CancellationToken cancellationToken)
    {
        if (_stream is not { } stream) { return; }
        try
        {
            await stream.WriteAsync(JoinStream.Encode(frame), cancellationToken).ConfigureAwait(false);
        }
        catch (TransportException)
        {
            joiner.HandleChannelClosed(Now);
        }
    }

    // Until the next frame, or the deadline.
    private async Task WaitAsync(Joiner joiner, CancellationToken cancellationToken)
    {
        var wait = joiner.Deadline - Now;
        if (wait <= TimeSpan.Zero) { return; }
        using var deadline = new CancellationTokenSource(wait, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            if (_stream is not { } stream)
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, either.Token).ConfigureAwait(false);
                return;
            }
            if (await JoinStream.ReadAsync(stream, either.Token).ConfigureAwait(false) is { } frame) { joiner.HandleFrame(frame, Now); }
            else { joiner.HandleChannelClosed(Now); }
        }
        catch (TransportException)
        {
            joiner.HandleChannelClosed(Now);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Time for the next step.
        }
    }

    private async Task CloseAsync()
    {
        if (_connection is { } connection) { await connection.CloseAsync().ConfigureAwait(false); }
        (_connection, _stream) = (null, null);
    }
}
