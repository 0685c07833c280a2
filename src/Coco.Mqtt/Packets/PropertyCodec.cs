namespace Coco.Mqtt.Packets;

/// <summary>
/// <code>
/// length (variable integer) | identifier (variable integer, one byte for all there are) | value | ...
/// </code>
/// MQTT 5.0, 2.2.2.
/// </summary>
internal static class PropertyCodec
{
    /// <summary>Chosen: what a packet may have of properties that can be repeated.</summary>
    public const int MaxRepeated = 65_536;

    private static readonly PropertyPlace[] Places = MakePlaces();

    /// <summary>Reads the properties of a packet. Null where there are none, or <paramref name="error"/> says what is wrong.</summary>
    public static PropertySet? Read(ref PacketReader packet, PropertyPlace place, out ReasonCode error)
    {
        error = ReasonCode.Success;
        var part = packet.Part(packet.VariableInteger());
        if (packet.IsBroken) { error = ReasonCode.MalformedPacket; return null; }
        if (part.IsAtEnd) { return null; }

        var properties = new PropertySet();
        var repeated = new Repeated();
        ulong seen = 0;
        while (!part.IsAtEnd)
        {
            var id = part.VariableInteger();
            // 2.2.2.2: one that is unknown, or stands in a packet where it must not, makes the packet malformed.
            if (id >= Places.Length || (Places[id] & place) == 0) { error = ReasonCode.MalformedPacket; return null; }
            var bit = 1UL << id;
            var mayRepeat = (PropertyId)id is PropertyId.UserProperty || ((PropertyId)id is PropertyId.SubscriptionIdentifier && place is PropertyPlace.Publish);
            if ((seen & bit) != 0 && !mayRepeat) { error = ReasonCode.ProtocolError; return null; }
            seen |= bit;
            error = ReadValue(ref part, (PropertyId)id, properties, repeated);
            if (part.IsBroken) { error = ReasonCode.MalformedPacket; }
            if (error is not ReasonCode.Success) { return null; }
        }
        repeated.AddTo(properties);
        // 3.1.2.11.10: data without a method.
        if (properties is { AuthenticationData: not null, AuthenticationMethod: null }) { error = ReasonCode.ProtocolError; }
        return error is ReasonCode.Success ? properties : null;
    }

    /// <summary>The bytes of the properties without their length.</summary>
    public static int Measure(PropertySet? properties)
    {
        if (properties is null) { return 0; }
        var counting = PacketWriter.Counting();
        WriteValues(ref counting, properties);
        return counting.Length;
    }

    public static void Write(ref PacketWriter output, PropertySet? properties)
    {
        output.VariableInteger(Measure(properties));
        if (properties is not null) { WriteValues(ref output, properties); }
    }

    private static ReasonCode ReadValue(ref PacketReader part, PropertyId id, PropertySet set, Repeated repeated)
    {
        switch (id)
        {
            case PropertyId.PayloadFormat: return Flag(set.PayloadFormat = part.Byte());
            case PropertyId.MessageExpiry: set.MessageExpiry = part.UInt32(); break;
            case PropertyId.ContentType: set.ContentType = part.Text(); break;
            case PropertyId.ResponseTopic: set.ResponseTopic = part.Text(); return ResponseTopic(set.ResponseTopic);
            case PropertyId.CorrelationData: set.CorrelationData = part.Binary(); break;
            case PropertyId.SubscriptionIdentifier: return repeated.TryAdd(part.VariableInteger());
            case PropertyId.SessionExpiry: set.SessionExpiry = part.UInt32(); break;
            case PropertyId.AssignedClientIdentifier: set.AssignedClientIdentifier = part.Text(); break;
            case PropertyId.ServerKeepAlive: set.ServerKeepAlive = part.UInt16(); break;
            case PropertyId.AuthenticationMethod: set.AuthenticationMethod = part.Text(); break;
            case PropertyId.AuthenticationData: set.AuthenticationData = part.Binary(); break;
            case PropertyId.RequestProblemInformation: return Flag(set.RequestProblemInformation = part.Byte());
            case PropertyId.WillDelay: set.WillDelay = part.UInt32(); break;
            case PropertyId.RequestResponseInformation: return Flag(set.RequestResponseInformation = part.Byte());
            case PropertyId.ResponseInformation: set.ResponseInformation = part.Text(); break;
            case PropertyId.ServerReference: set.ServerReference = part.Text(); break;
            case PropertyId.ReasonString: set.ReasonString = part.Text(); break;
            case PropertyId.ReceiveMaximum: return NotZero(set.ReceiveMaximum = part.UInt16());
            case PropertyId.TopicAliasMaximum: set.TopicAliasMaximum = part.UInt16(); break;
            // [MQTT-3.3.2-8]
            case PropertyId.TopicAlias: return (set.TopicAlias = part.UInt16()) == 0 ? ReasonCode.TopicAliasInvalid : ReasonCode.Success;
            case PropertyId.MaximumQos: return Flag(set.MaximumQos = part.Byte());
            case PropertyId.RetainAvailable: return Flag(set.RetainAvailable = part.Byte());
            case PropertyId.UserProperty: return repeated.TryAdd(new UserProperty(part.Text(), part.Text()));
            case PropertyId.MaximumPacketSize: return NotZero(set.MaximumPacketSize = part.UInt32());
            case PropertyId.WildcardSubscriptionAvailable: return Flag(set.WildcardSubscriptionAvailable = part.Byte());
            case PropertyId.SubscriptionIdentifierAvailable: return Flag(set.SubscriptionIdentifierAvailable = part.Byte());
            case PropertyId.SharedSubscriptionAvailable: return Flag(set.SharedSubscriptionAvailable = part.Byte());
            default: return ReasonCode.MalformedPacket;
        }
        return ReasonCode.Success;
    }

    private static void WriteValues(ref PacketWriter output, PropertySet set)
    {
        Write(ref output, PropertyId.PayloadFormat, set.PayloadFormat);
        Write(ref output, PropertyId.MessageExpiry, set.MessageExpiry);
        Write(ref output, PropertyId.ContentType, set.ContentType);
        Write(ref output, PropertyId.ResponseTopic, set.ResponseTopic);
        Write(ref output, PropertyId.CorrelationData, set.CorrelationData);
        foreach (var identifier in set.SubscriptionIdentifiers)
        {
            output.Byte((byte)PropertyId.SubscriptionIdentifier);
            output.VariableInteger(identifier);
        }
        Write(ref output, PropertyId.SessionExpiry, set.SessionExpiry);
        Write(ref output, PropertyId.AssignedClientIdentifier, set.AssignedClientIdentifier);
        Write(ref output, PropertyId.ServerKeepAlive, set.ServerKeepAlive);
        Write(ref output, PropertyId.AuthenticationMethod, set.AuthenticationMethod);
        Write(ref output, PropertyId.AuthenticationData, set.AuthenticationData);
        Write(ref output, PropertyId.RequestProblemInformation, set.RequestProblemInformation);
        Write(ref output, PropertyId.WillDelay, set.WillDelay);
        Write(ref output, PropertyId.RequestResponseInformation, set.RequestResponseInformation);
        Write(ref output, PropertyId.ResponseInformation, set.ResponseInformation);
        Write(ref output, PropertyId.ServerReference, set.ServerReference);
        Write(ref output, PropertyId.ReasonString, set.ReasonString);
        Write(ref output, PropertyId.ReceiveMaximum, set.ReceiveMaximum);
        Write(ref output, PropertyId.TopicAliasMaximum, set.TopicAliasMaximum);
        Write(ref output, PropertyId.TopicAlias, set.TopicAlias);
        Write(ref output, PropertyId.MaximumQos, set.MaximumQos);
        Write(ref output, PropertyId.RetainAvailable, set.RetainAvailable);
        Write(ref output, PropertyId.MaximumPacketSize, set.MaximumPacketSize);
        Write(ref output, PropertyId.WildcardSubscriptionAvailable, set.WildcardSubscriptionAvailable);
        Write(ref output, PropertyId.SubscriptionIdentifierAvailable, set.SubscriptionIdentifierAvailable);
        Write(ref output, PropertyId.SharedSubscriptionAvailable, set.SharedSubscriptionAvailable);
        foreach (var (name, value) in set.UserProperties)
        {
            output.Byte((byte)PropertyId.UserProperty);
            output.Text(name);
            output.Text(value);
        }
    }

    private static void Write(ref PacketWriter output, PropertyId id, byte? value)
    {
        if (value is not { } present) { return; }
        output.Byte((byte)id);
        output.Byte(present);
    }

    private static void Write(ref PacketWriter output, PropertyId id, ushort? value)
    {
        if (value is not { } present) { return; }
        output.Byte((byte)id);
        output.UInt16(present);
    }

    private static void Write(ref PacketWriter output, PropertyId id, uint? value)
    {
        if (value is not { } present) { return; }
        output.Byte((byte)id);
        output.UInt32(present);
    }

    private static void Write(ref PacketWriter output, PropertyId id, string? value)
    {
        if (value is null) { return; }
        output.Byte((byte)id);
        output.Text(value);
    }

    private static void Write(ref PacketWriter output, PropertyId id, byte[]? value)
    {
        if (value is null) { return; }
        output.Byte((byte)id);
        output.Binary(value);
    }

    private static ReasonCode Flag(byte? value) => value <= 1 ? ReasonCode.Success : ReasonCode.ProtocolError;

    private static ReasonCode NotZero(uint? value) => value != 0 ? ReasonCode.Success : ReasonCode.ProtocolError;

    // [MQTT-3.3.2-14]: no wildcards; and it is a topic's name, so not empty ([MQTT-4.7.3-1]).
    private static ReasonCode ResponseTopic(string topic) =>
        topic.Length > 0 && !topic.AsSpan().ContainsAny('+', '#') ? ReasonCode.Success : ReasonCode.ProtocolError;

    private static PropertyPlace[] MakePlaces()
    {
        var places = new PropertyPlace[(int)PropertyId.SharedSubscriptionAvailable + 1];
        void Set(PropertyPlace place, params ReadOnlySpan<PropertyId> ids)
        {
            foreach (var id in ids) { places[(int)id] = place; }
        }
        Set(PropertyPlace.Message, PropertyId.PayloadFormat, PropertyId.MessageExpiry, PropertyId.ContentType, PropertyId.ResponseTopic, PropertyId.CorrelationData);
        Set(PropertyPlace.Publish | PropertyPlace.Subscribe, PropertyId.SubscriptionIdentifier);
        Set(PropertyPlace.Connect | PropertyPlace.Connack | PropertyPlace.Disconnect, PropertyId.SessionExpiry);
        Set(PropertyPlace.Connect | PropertyPlace.Connack | PropertyPlace.Auth, PropertyId.AuthenticationMethod, PropertyId.AuthenticationData);
        Set(PropertyPlace.Connect, PropertyId.RequestProblemInformation, PropertyId.RequestResponseInformation);
        Set(PropertyPlace.Will, PropertyId.WillDelay);
        Set(PropertyPlace.Connack | PropertyPlace.Disconnect, PropertyId.ServerReference);
        Set(PropertyPlace.Answers, PropertyId.ReasonString);
        Set(PropertyPlace.Connect | PropertyPlace.Connack, PropertyId.ReceiveMaximum, PropertyId.TopicAliasMaximum, PropertyId.MaximumPacketSize);
        Set(PropertyPlace.Publish, PropertyId.TopicAlias);
        Set(PropertyPlace.Anywhere, PropertyId.UserProperty);
        Set(PropertyPlace.Connack,
            PropertyId.AssignedClientIdentifier, PropertyId.ServerKeepAlive, PropertyId.ResponseInformation, PropertyId.MaximumQos,
            PropertyId.RetainAvailable, PropertyId.WildcardSubscriptionAvailable, PropertyId.SubscriptionIdentifierAvailable, PropertyId.SharedSubscriptionAvailable);
        return places;
    }

    /// <summary>The properties that may stand several times, in their order.</summary>
    private sealed class Repeated
    {
        private List<UserProperty>? _users;
        private List<int>? _identifiers;

        public ReasonCode TryAdd(UserProperty property)
        {
            (_users ??= []).Add(property);
            return _users.Count <= MaxRepeated ? ReasonCode.Success : ReasonCode.PacketTooLarge;
        }

        public ReasonCode TryAdd(int identifier)
        {
            (_identifiers ??= []).Add(identifier);
            if (identifier == 0) { return ReasonCode.ProtocolError; } // 3.8.2.1.2
            return _identifiers.Count <= MaxRepeated ? ReasonCode.Success : ReasonCode.PacketTooLarge;
        }

        public void AddTo(PropertySet properties)
        {
            if (_users is not null) { properties.UserProperties = _users; }
            if (_identifiers is not null) { properties.SubscriptionIdentifiers = _identifiers; }
        }
    }
}
