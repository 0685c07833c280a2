using System.Text;
using Coco.Crypto;
using Coco.Quic.Packets;

namespace Coco.Messages;

/// <summary>Requests of one peer's, which may come again on another stream: each reaches the app once.</summary>
internal sealed class RequestDesk(NodeMessages messages, NodeId peer, MessageJournal journal, MessageOptions options, TimeProvider time)
{
    private readonly Lock _lock = new(); // guards all below; the journal's is not locked within
    private readonly Dictionary<ulong, PendingRequest> _pending = [];
    private readonly Queue<PendingRequest> _answers = new();
    private AsyncSignal? _signal;
    private ulong _instance;
    private long _bytes;

    public NodeId Peer => peer;

    public bool IsEmpty
    {
        get
        {
            lock (_lock) { return _pending.Count == 0 && _signal is null; }
        }
    }

    /// <summary>A stream begins; an earlier one is over. Requests of an earlier life of the peer's are nobody's any more.</summary>
    public void Begin(ulong instance, AsyncSignal signal)
    {
        PendingRequest[] over = [];
        lock (_lock)
        {
            _signal?.Close();
            _signal = signal;
            _answers.Clear();
            if (instance != _instance)
            {
                over = [.. _pending.Values];
                _pending.Clear();
                _bytes = 0;
            }
            _instance = instance;
        }
        foreach (var request in over) { journal.Withdraw(request.Message!); }
    }

    public void End(AsyncSignal signal)
    {
        lock (_lock)
        {
            if (_signal == signal) { _signal = null; }
        }
    }

    /// <summary>False where it makes no sense, or there are too many.</summary>
    public bool Handle(MessageFrameType type, ReadOnlySpan<byte> body)
    {
        var reader = new SpanReader(body);
        if (!reader.TryReadVarInt(out var number)) { return false; }
        if (type is MessageFrameType.Withdraw)
        {
            Withdraw(number);
            return true;
        }
        if (!reader.TryReadVarInt(out var left) || left > uint.MaxValue || !reader.TryReadVarIntBytes(out var subject)) { return false; }
        if (subject.Length > MessageContent.MaxSubjectLength || !System.Text.Unicode.Utf8.IsValid(subject) || reader.RemainingLength > options.MaxMessageSize) { return false; }
        return TryAdd(number, TimeSpan.FromMilliseconds(left), Encoding.UTF8.GetString(subject), reader.ReadToEnd());
    }

    /// <summary>The app's answer.</summary>
    /// <exception cref="InvalidOperationException">It is answered already.</exception>
    public void Answer(PendingRequest request, ReadOnlyMemory<byte> data)
    {
        lock (_lock)
        {
            if (request.Answer is not null) { throw new InvalidOperationException("The request is answered already."); }
            request.Answer = data;
            if (!_pending.ContainsKey(request.Number)) { return; } // nobody waits any more
            _bytes += data.Length - request.Length;
            request.Length = data.Length;
            _answers.Enqueue(request);
            _signal?.Set();
        }
    }

    /// <summary>Answers on their way out. False when there are none.</summary>
    public bool TakeAnswers(FrameBuffer frames)
    {
        lock (_lock)
        {
            while (frames.Length < 64 << 10 && _answers.TryDequeue(out var request)) { frames.Write(MessageFrameType.Reply, [request.Number], request.Answer!.Value.Span); }
            return frames.Length > 0;
        }
    }

    /// <summary>Forgets what nobody waits for any more.</summary>
    public void Expire()
    {
        var now = time.GetUtcNow();
        ulong[] over;
        lock (_lock) { over = [.. _pending.Values.Where(request => request.Deadline <= now).Select(static request => request.Number)]; }
        foreach (var number in over) { Withdraw(number); }
    }

    private bool TryAdd(ulong number, TimeSpan left, string subject, ReadOnlySpan<byte> data)
    {
        PendingRequest request;
        lock (_lock)
        {
            if (_pending.TryGetValue(number, out var known))
            {
                if (known.Answer is not null)
                {
                    _answers.Enqueue(known);
                    _signal?.Set();
                }
                return true;
            }
            if (_pending.Count >= options.MaxRequests || _bytes + data.Length > options.MaxRequestBytes) { return false; }
            request = new(this, number, time.GetUtcNow() + left, data.Length);
            request.Message = new(messages, request, new(_instance, number), subject, data.ToArray(), time.GetUtcNow());
            _pending.Add(number, request);
            _bytes += data.Length;
        }
        journal.Add(request.Message);
        return true;
    }

    private void Withdraw(ulong number)
    {
        PendingRequest? request;
        lock (_lock)
        {
            if (!_pending.Remove(number, out request)) { return; }
            _bytes -= request.Length;
        }
        if (request.Answer is null) { journal.Withdraw(request.Message!); }
    }
}
