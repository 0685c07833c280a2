using Coco.Crypto;
using Coco.Quic.Congestion;
using Coco.Traversal.Links;

namespace Coco.Traversal.Stun;

/// <summary>Asks STUN servers which address they see (RFC 8489 §6.2), from any of the host's sockets.</summary>
internal sealed class StunClient(StunClientOptions options, RandomSource random)
{
    /// <summary>Header, CHANGE-REQUEST, FINGERPRINT.</summary>
    public const int MaxRequestLength = StunMessage.HeaderLength + 8 + 8;

    private readonly List<StunTransaction> _open = [];
    private readonly Queue<StunResult> _results = [];

    public int Count => _open.Count;

    /// <summary>When <see cref="HandleTimeout"/> and <see cref="TryTakeTransmit"/> have something to do.</summary>
    public TimeSpan? Deadline
    {
        get
        {
            TimeSpan? earliest = null;
            foreach (var transaction in _open)
            {
                if (earliest is null || transaction.Deadline < earliest) { earliest = transaction.Deadline; }
            }
            return earliest;
        }
    }

    /// <summary>Begins a transaction. False when there are too many (results not taken count), or nothing can be sent there.</summary>
    public bool TryAsk(int socket, in NetworkAddress server, StunChange change, TimeSpan now, out TransactionId id)
    {
        id = default;
        if (_open.Count + _results.Count >= options.MaxTransactions || !server.IsSendable) { return false; }
        id = TransactionId.Create(random);
        _open.Add(new(id, socket, server, change, now));
        return true;
    }

    /// <summary>Ends a transaction without a result.</summary>
    public bool Cancel(in TransactionId id)
    {
        var index = Find(id);
        if (index >= 0) { _open.RemoveAt(index); }
        return index >= 0;
    }

    /// <summary>Takes an answer. False for what is none of ours: another may want it.</summary>
    public bool HandleDatagram(in Link from, ReadOnlySpan<byte> data, TimeSpan now)
    {
        if (!StunMessage.TryParse(data, out var message) || !message.HasMagicCookie || message.Method != StunMessage.BindingMethod) { return false; }
        if (message.Class is not (StunClass.Success or StunClass.Error)) { return false; }
        var index = Find(message.TransactionId);
        // An id alone proves little to somebody who saw the request: the answer must come to the socket that asked.
        if (index < 0 || _open[index].Socket != from.Number || from.Kind is not LinkKind.Udp) { return false; }
        message.HasFingerprint(out var isRight);
        if (!isRight) { return false; }

        var transaction = _open[index];
        var result = Judge(transaction, message, from.Remote, now);
        // From elsewhere than asked for: it may be forged, and the true one may still come.
        if (result is null) { return true; }
        _open.RemoveAt(index);
        _results.Enqueue(result.Value);
        return true;
    }

    public void HandleTimeout(TimeSpan now)
    {
        for (var i = _open.Count - 1; i >= 0; i--)
        {
            var transaction = _open[i];
            if (now < transaction.Deadline || !transaction.HasSentAll(options)) { continue; }
            _open.RemoveAt(i);
            _results.Enqueue(transaction.End(StunOutcome.TimedOut));
        }
    }

    /// <summary>One request that is due. The buffer has at least <see cref="MaxRequestLength"/> bytes.</summary>
    public bool TryTakeTransmit(Span<byte> buffer, TimeSpan now, out LinkTransmit transmit)
    {
        foreach (var transaction in _open)
        {
            if (now < transaction.Deadline || transaction.HasSentAll(options)) { continue; }
            var length = Write(transaction, buffer);
            transaction.HandleSent(options, now);
            transmit = new(new(LinkKind.Udp, transaction.Socket, transaction.Server), length, length, EcnCodepoint.NotEct);
            return true;
        }
        transmit = default;
        return false;
    }

    public bool TryTakeResult(out StunResult result) => _results.TryDequeue(out result);

    private static int Write(StunTransaction transaction, Span<byte> buffer)
    {
        var writer = new StunWriter(buffer, StunClass.Request, transaction.Id);
        if (transaction.Change is not StunChange.None) { writer.AddChangeRequest(transaction.Change); }
        // It also makes the request long enough to be answered in full over IPv6 (see StunServer).
        writer.AddFingerprint();
        return writer.Length;
    }

    private static StunResult? Judge(StunTransaction transaction, in StunMessage message, in NetworkAddress from, TimeSpan now)
    {
        // A refusal comes from who was asked, whatever was asked for.
        if (message.Class is StunClass.Error)
        {
            return from == transaction.Server ? transaction.End(StunOutcome.Refused) with { ErrorCode = message.ErrorCode } : null;
        }
        if (!transaction.Expects(from))
        {
            // The server does not do what CHANGE-REQUEST asks, and should have said so.
            return from == transaction.Server ? transaction.End(StunOutcome.Unusable) : null;
        }
        foreach (var attribute in message)
        {
            // RFC 8489 §6.3.3: an answer with what must be understood and is not counts as a failure.
            if (StunAttributeType.IsComprehensionRequired(attribute.Type) && !StunAttributeType.IsKnown(attribute.Type)
                && attribute.Type is not (StunAttributeType.SourceAddress or StunAttributeType.ChangedAddress))
            {
                return transaction.End(StunOutcome.Unusable);
            }
        }
        if (!TryReadMapped(message, out var mapped) || mapped.IsIpv4 != transaction.Server.IsIpv4 || !mapped.IsSendable)
        {
            return transaction.End(StunOutcome.Unusable);
        }
        return transaction.End(StunOutcome.Answered) with { Mapped = mapped, Other = ReadOther(message), RoundTrip = transaction.RoundTrip(now) };
    }

    // Servers of RFC 3489's time have another name for it.
    private static NetworkAddress ReadOther(in StunMessage message) =>
        (message.TryFind(StunAttributeType.OtherAddress, out var value) || message.TryFind(StunAttributeType.ChangedAddress, out value))
        && StunAddress.TryRead(value, default, out var other) ? other : default;

    // And they know only the plain form of this.
    private static bool TryReadMapped(in StunMessage message, out NetworkAddress mapped)
    {
        if (message.TryFind(StunAttributeType.XorMappedAddress, out var value))
        {
            return StunAddress.TryRead(value, message.CookieAndId, out mapped);
        }
        mapped = default;
        return message.TryFind(StunAttributeType.MappedAddress, out value) && StunAddress.TryRead(value, default, out mapped);
    }

    private int Find(in TransactionId id)
    {
        for (var i = 0; i < _open.Count; i++)
        {
            if (_open[i].Id == id) { return i; }
        }
        return -1;
    }
}
