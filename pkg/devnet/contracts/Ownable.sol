// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

import {IOwnable} from "../../chain/contracts/IOwnable.sol";

/// @title Ownership that reports as OpenZeppelin's Ownable does
abstract contract Ownable is IOwnable {
    address public owner;

    modifier onlyOwner() {
        if (msg.sender != owner) revert OwnableUnauthorizedAccount(msg.sender);
        _;
    }

    function transferOwnership(address newOwner) public virtual onlyOwner {
        if (newOwner == address(0)) revert OwnableInvalidOwner(newOwner);
        emit OwnershipTransferred(owner, newOwner);
        owner = newOwner;
    }
}
