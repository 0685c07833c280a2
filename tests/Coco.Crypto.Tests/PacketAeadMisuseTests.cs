namespace Coco.Crypto.Tests;

public sealed class PacketAeadMisuseTests
{
    [Theory, MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public void Every_flipped_bit_of_packet_aad_or_nonce_is_noticed(string cipher, AeadBackend backend)
    {
        var aead = Backends.Create(cipher, backend);
        var (key, nonce, aad) = (new byte[aead.KeySize], new byte[PacketAead.NonceSize], new byte[9]);
        var packet = new byte[37 + PacketAead.TagSize];
        aead.Seal(key, nonce, aad, packet);

        foreach (var tampered in new[] { packet, aad, nonce })
        {
            for (var bit = 0; bit < tampered.Length * 8; bit++)
            {
                tampered[bit / 8] ^= (byte)(1 << (bit % 8));
                Assert.False(aead.TryOpen(key, nonce, aad, packet.ToArray()));
                tampered[bit / 8] ^= (byte)(1 << (bit % 8));
            }
        }
        Assert.True(aead.TryOpen(key, nonce, aad, packet));
    }

    [Theory, MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public void A_packet_cut_anywhere_does_not_open(string cipher, AeadBackend backend)
    {
        var aead = Backends.Create(cipher, backend);
        var (key, nonce) = (new byte[aead.KeySize], new byte[PacketAead.NonceSize]);
        var packet = new byte[37 + PacketAead.TagSize];
        aead.Seal(key, nonce, [], packet);

        for (var length = 0; length < packet.Length; length++) { Assert.False(aead.TryOpen(key, nonce, [], packet.AsSpan(..length))); }
    }

    [Theory, MemberData(nameof(Backends.All), MemberType = typeof(Backends))] // RFC 9000 §10.3: a reset token may stand at the end
    public void A_packet_that_does_not_open_is_zeroed_up_to_its_last_sixteen_bytes(string cipher, AeadBackend backend)
    {
        var aead = Backends.Create(cipher, backend);
        var packet = new byte[40 + PacketAead.TagSize];
        new SeededRandomSource(3).Fill(packet);
        var end = packet[^PacketAead.TagSize..];

        Assert.False(aead.TryOpen(new byte[aead.KeySize], new byte[PacketAead.NonceSize], [], packet));

        Assert.Equal([.. new byte[40], .. end], packet);
    }

    [Theory, MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public void A_packet_opens_under_its_own_key_only_however_keys_alternate(string cipher, AeadBackend backend)
    {
        var aead = Backends.Create(cipher, backend);
        var (one, other) = (new byte[aead.KeySize], new byte[aead.KeySize]);
        other[^1] = 1;
        var nonce = new byte[PacketAead.NonceSize];
        var packet = new byte[20 + PacketAead.TagSize];
        aead.Seal(one, nonce, [], packet);

        Assert.False(aead.TryOpen(other, nonce, [], packet.ToArray()));
        Assert.True(aead.TryOpen(one, nonce, [], packet.ToArray()));
        Assert.False(aead.TryOpen(other, nonce, [], packet.ToArray()));
        Assert.True(aead.TryOpen(one, nonce, [], packet.ToArray()));
    }

    [Theory, MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public void Sizes_the_caller_chooses_are_checked(string cipher, AeadBackend backend)
    {
        var aead = Backends.Create(cipher, backend);
        var (key, nonce, room) = (new byte[aead.KeySize], new byte[PacketAead.NonceSize], new byte[PacketAead.TagSize]);

        Assert.Throws<ArgumentException>(() => aead.Seal(key.AsSpan(1), nonce, [], room));
        Assert.Throws<ArgumentException>(() => aead.Seal(key, nonce.AsSpan(1), [], room));
        Assert.Throws<ArgumentException>(() => aead.Seal(key, nonce, [], room.AsSpan(1)));
        Assert.Throws<ArgumentException>(() => aead.TryOpen(key.AsSpan(1), nonce, [], room));
        Assert.Throws<ArgumentException>(() => aead.TryOpen(key, nonce.AsSpan(1), [], room));
        Assert.Throws<ArgumentException>(() => aead.HeaderMask(key, room.AsSpan(1), new byte[PacketAead.MaskSize]));
        Assert.Throws<ArgumentException>(() => aead.HeaderMask(key, room, new byte[PacketAead.MaskSize - 1]));
    }

    [Theory, MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public void A_packet_costs_no_allocation(string cipher, AeadBackend backend)
    {
        var aead = Backends.Create(cipher, backend);
        var (key, nonce, aad) = (new byte[aead.KeySize], new byte[PacketAead.NonceSize], new byte[16]);
        var changesKeys = backend is not AeadBackend.Platform; // whose objects take their key when constructed
        var (packet, mask) = (new byte[1200 + PacketAead.TagSize], new byte[PacketAead.MaskSize]);
        RoundTrips(100);

        var before = GC.GetAllocatedBytesForCurrentThread();
        RoundTrips(10_000);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void RoundTrips(int count)
        {
            for (var i = 0; i < count; i++)
            {
                if (changesKeys) { key[0]++; }
                aead.Seal(key, nonce, aad, packet);
                aead.HeaderMask(key, packet.AsSpan(4, PacketAead.SampleSize), mask);
                if (!aead.TryOpen(key, nonce, aad, packet)) { throw new InvalidOperationException(); }
            }
        }
    }
}
