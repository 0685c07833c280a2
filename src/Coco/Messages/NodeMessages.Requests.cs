using System.Security.Cryptography;
using Coco.Crypto;
using Coco.Telemetry;

namespace Coco.Messages;

/// <content>Requests and answers, which are not stored: who asks waits.</content>
public sealed partial class NodeMessages
{
    private readonly ulong _instance = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong))); // of this life of the node
    private readonly Lock _requestsLock = new(); // guards the two below
    private readonly Dictionary<NodeId, RequestClient> _clients = [];
    private readonly Dictionary<NodeId, RequestDesk> _desks = [];
    private long _nextRequest;

    /// <summary>Asks a node something, and waits for the answer: of whoever there enumerates messages of the subject. It is asked once, as far as its app sees,
    /// also when the connection is lost meanwhile.</summary>
    /// <param name="to">Who is asked.</param>
    /// <param name="subject">What it is about.</param>
    /// <param name="data">The question.</param>
    /// <param name="deadline">How long to wait: up to 1 day.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="TimeoutException">There was no answer in time; it may have been asked nevertheless.</exception>
    /// <exception cref="CocoException">There is no such member, or too many questions wait.</exception>
    public async Task<byte[]> RequestAsync(NodeId to, string subject, ReadOnlyMemory<byte> data, TimeSpan deadline, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(deadline, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(deadline, TimeSpan.FromDays(1));
        CheckSend(to, data.Length);
        var request = new SentRequest((ulong)Interlocked.Increment(ref _nextRequest), MessageContent.EncodeSubject(subject), data, _time.GetUtcNow() + deadline);
        var begun = MessagingMetrics.Begin();
        var client = ClientOf(to, request);
        try
        {
            var answer = await request.Answer.Task.WaitAsync(deadline, _time, cancellationToken).ConfigureAwait(false);
            MessagingMetrics.Done(MessagingOperation.Request, begun, subject);
            return answer;
        }
        catch (Exception exception) when (MessagingMetrics.Failed(MessagingOperation.Request, begun, subject, exception))
        {
            throw; // never comes here
        }
        catch (TimeoutException exception)
        {
            var cause = client.Failure is { } failure ? $" It was not reached: {failure.Message}" : " It may have no enumeration of this subject, or be slow.";
            throw new TimeoutException($"{to} did not answer '{subject}' within {deadline.TotalSeconds:0.###} s.{cause}", exception);
        }
        finally
        {
            client.Remove(request);
        }
    }

    private RequestClient ClientOf(NodeId to, SentRequest request)
    {
        lock (_requestsLock)
        {
            ObjectDisposedException.ThrowIf(_isClosed, typeof(Node));
            if (!_clients.TryGetValue(to, out var client))
            {
                client = new(to, _instance, _sessions, _options.Messages, _time);
                _clients.Add(to, client);
                if (!_loop.Tasks.TryRun(() => RunAsync(client))) { throw new ObjectDisposedException(nameof(Node), "The node is disposed."); }
            }
            return client.TryAdd(request) ? client : throw new CocoException(CocoError.Overloaded, $"Too many questions to {to} wait for an answer. Ask again when some have come.");
        }
    }

    private async Task RunAsync(RequestClient client)
    {
        try
        {
            while (true)
            {
                await client.RunAsync(_stopping.Token).ConfigureAwait(false);
                lock (_requestsLock)
                {
                    if (!client.IsIdle() && !_isClosed) { continue; } // one more came
                    _clients.Remove(client.Peer);
                    return;
                }
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException)
        {
            client.Stop(); // the node is disposed of
        }
    }

    private RequestDesk DeskOf(NodeId peer)
    {
        lock (_requestsLock)
        {
            if (!_desks.TryGetValue(peer, out var desk)) { _desks[peer] = desk = new(this, peer, _journal, _options.Messages, _time); }
            return desk;
        }
    }

    private void TickRequests()
    {
        RequestClient[] clients;
        RequestDesk[] desks;
        lock (_requestsLock) { (clients, desks) = ([.. _clients.Values], [.. _desks.Values]); }
        foreach (var client in clients) { client.Tick(); }
        foreach (var desk in desks) { desk.Expire(); }
        lock (_requestsLock)
        {
            foreach (var desk in desks.Where(static desk => desk.IsEmpty)) { _desks.Remove(desk.Peer); }
        }
    }

    private void StopRequests()
    {
        RequestClient[] clients;
        lock (_requestsLock) { clients = [.. _clients.Values]; }
        foreach (var client in clients) { client.Stop(); }
    }
}
