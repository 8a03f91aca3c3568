// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

import {ISource, SourceParams} from "../../chain/contracts/ISource.sol";
import {Ownable} from "./Ownable.sol";
import {page} from "./page.sol";

uint8 constant ACTIVE = 0;
uint8 constant INACTIVE = 1;

/// @title The devnet's stand-in for a source of OpenGPU
/// @notice It has the real one's interface. What is behind it is the devnet's own.
contract Source is ISource, Ownable {
    address public immutable nexus;

    SourceParams private current;
    uint8 private state;
    address[] private registrants;
    mapping(address provider => uint8) public preferredEnvironmentOf;

    modifier onlyOwnerOrNexus() {
        if (msg.sender != owner && msg.sender != nexus) revert OwnableUnauthorizedAccount(msg.sender);
        _;
    }

    modifier onlyActive() {
        require(state == ACTIVE, "SourceInactive");
        _;
    }

    constructor(SourceParams memory params) {
        nexus = msg.sender;
        owner = params.client;
        emit OwnershipTransferred(address(0), params.client);
        current = params;
        current.lastUpdateTime = block.timestamp;
    }

    /// @dev The owner may write anything here, another client as well: readers
    /// must not rely on what Nexus would have refused.
    function setSourceParams(SourceParams calldata params) external onlyOwnerOrNexus onlyActive {
        current = params;
        current.lastUpdateTime = block.timestamp;
    }

    function setStatus(uint8 status) external onlyOwnerOrNexus onlyActive {
        require(status <= INACTIVE, "InvalidStatus");
        state = status;
    }

    /// @notice Adds a provider, for Nexus.
    /// @return registrantId its index in getRegistrants
    function addRegistrant(address provider, uint8 environment) external onlyActive returns (uint256 registrantId) {
        if (msg.sender != nexus) revert OwnableUnauthorizedAccount(msg.sender);
        bool one = environment != 0 && environment & (environment - 1) == 0;
        require(one && current.imageEnvironments & environment != 0, "NotEligible");
        require(preferredEnvironmentOf[provider] == 0, "AlreadyRegistered");
        preferredEnvironmentOf[provider] = environment;
        registrants.push(provider);
        return registrants.length - 1;
    }

    function transferOwnership(address newOwner) public override(ISource, Ownable) {
        super.transferOwnership(newOwner);
    }

    function getSourceParams() external view returns (SourceParams memory) {
        return current;
    }

    function getClient() external view returns (address) {
        return current.client;
    }

    function getStatus() external view returns (uint8) {
        return state;
    }

    /// @dev The devnet has no tasks.
    function getTaskCount() external pure returns (uint256) {
        return 0;
    }

    function getRegistrantCount() external view returns (uint256) {
        return registrants.length;
    }

    function getRegistrants(uint256 lower, uint256 upper) external view returns (address[] memory) {
        return page(registrants, lower, upper);
    }
}
