using System.Diagnostics.CodeAnalysis;

namespace Coco.Cluster.Discovery;

/// <summary>What multicast DNS uses of a DNS message (RFC 1035 §4.1, RFC 6762 §18). Answers and additional records are not told apart.</summary>
internal sealed record DnsMessage(bool IsResponse, IReadOnlyList<DnsQuestion> Questions, IReadOnlyList<DnsRecord> Records)
{
    /// <summary>RFC 6762 §17: what a multicast DNS message may have at most, jumbo frames included.</summary>
    public const int MaxLength = 9000;

    // Chosen: far beyond what fits a packet of 1,500 bytes in practice.
    public const int MaxQuestions = 64;
    public const int MaxRecords = 256;

    private const ushort ResponseFlag = 0x8000;
    private const ushort AuthoritativeFlag = 0x0400;
    private const ushort OpcodeAndRcode = 0x780F;

    /// <summary>The bytes, names compressed.</summary>
    public byte[] Encode()
    {
        var writer = new DnsWriter();
        writer.WriteUInt16(0); // §18.1: multicast messages have no ID
        writer.WriteUInt16((ushort)(IsResponse ? ResponseFlag | AuthoritativeFlag : 0)); // §18.4
        writer.WriteUInt16((ushort)Questions.Count);
        writer.WriteUInt16((ushort)Records.Count);
        writer.WriteUInt16(0);
        writer.WriteUInt16(0);
        foreach (var question in Questions) { writer.WriteQuestion(question); }
        foreach (var record in Records) { writer.WriteRecord(record); }
        return writer.ToArray();
    }

    public static bool TryDecode(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out DnsMessage? message)
    {
        message = null;
        if (bytes.Length > MaxLength) { return false; }
        var reader = new DnsReader(bytes);
        // §18.3, §18.11: other opcodes and response codes are ignored without a word.
        if (!reader.TryReadUInt16(out _) || !reader.TryReadUInt16(out var flags) || (flags & OpcodeAndRcode) != 0) { return false; }
        if (!reader.TryReadUInt16(out var questionCount) || questionCount > MaxQuestions) { return false; }
        if (!reader.TryReadUInt16(out var answers) || !reader.TryReadUInt16(out var authorities) || !reader.TryReadUInt16(out var additional)) { return false; }
        if (answers + authorities + additional > MaxRecords) { return false; }
        var questions = new List<DnsQuestion>();
        for (var i = 0; i < questionCount; i++)
        {
            if (!reader.TryReadQuestion(out var question)) { return false; }
            questions.Add(question);
        }
        var records = new List<DnsRecord>();
        for (var i = 0; i < answers + authorities + additional; i++)
        {
            if (!reader.TryReadRecord(out var record)) { return false; }
            // What others propose in the authority section they do not hold yet (§8.2).
            if (record is not null && (i < answers || i >= answers + authorities)) { records.Add(record); }
        }
        message = new((flags & ResponseFlag) != 0, questions, records);
        return true;
    }
}
